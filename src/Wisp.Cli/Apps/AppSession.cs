using Wisp.Cli.Loading;
using Wisp.Host;
using Wisp.Host.Apps;
using Wisp.Host.Manifests;

namespace Wisp.Cli.Apps;

/// <summary>The engine of one command and what it loads the app with, as often as the app changes.</summary>
internal sealed class AppSession : IDisposable
{
    private readonly string _path;
    private readonly Dictionary<string, string> _given;
    private readonly TextWriter _messages;
    private readonly Engine _engine;
    private readonly AppLoader _loader;

    public AppSession(
        string path, Dictionary<string, string> given, EngineOptions options, bool usesCache, TextWriter log, TextWriter messages)
    {
        _path = path;
        _given = given;
        _messages = messages;
        _engine = new Engine(options);
        Log = new RequestLog(log);
        var modules = new ModuleLoader(_engine, usesCache ? ImageCache.OfUser() : null, messages);
        _loader = new AppLoader(modules.Load, Log, denial =>
        {
            lock (messages)
            {
                messages.WriteLine(denial.ToString());
            }
        });
    }

    public RequestLog Log { get; }

    /// <summary>Reads the manifest as it is now.</summary>
    public AppManifest ReadManifest()
    {
        AppManifest app = AppSource.Read(_path);
        foreach (string line in app.LeftOut)
        {
            _messages.WriteLine($"wisp: {FailureReport.OneLine(line)}");
        }

        return AppSource.IsModule(_path) ? AppSource.WithEnvironment(app, _given) : app;
    }

    /// <summary>Makes an app ready to run.</summary>
    public App Load(AppManifest manifest)
    {
        if (manifest.Components.FirstOrDefault(component => component.BuildCommand is not null && !File.Exists(component.Source)) is { } unbuilt)
        {
            throw CommandException.Failed($"{unbuilt.Source}: no such file; wisp build makes it");
        }

        return _loader.Load(
            manifest, VariableValues.Of(manifest, AppSource.IsModule(_path) ? [] : _given, Environment.GetEnvironmentVariable));
    }

    public void Dispose() => _engine.Dispose();
}
