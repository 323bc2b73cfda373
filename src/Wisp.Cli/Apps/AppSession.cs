using Wisp.Cli.Loading;
using Wisp.Host;
using Wisp.Host.Apps;
using Wisp.Host.Manifests;
using Wisp.Host.Telemetry;
using Wisp.Host.Telemetry.Export;
using Wisp.Permissions;

namespace Wisp.Cli.Apps;

/// <summary>The engine of one command and what it loads the app with, as often as the app changes.</summary>
internal sealed class AppSession : IDisposable
{
    private readonly string _path;
    private readonly Dictionary<string, string> _given;
    private readonly TextWriter _messages;
    private readonly Engine _engine;
    private readonly AppLoader _loader;

    private readonly JsonLinesAuditSink? _audit;
    private readonly OtlpExport? _export;

    /// <summary>Opens a session.</summary>
    /// <param name="path">The app as the user named it.</param>
    /// <param name="given">Values of variables from the command line.</param>
    /// <param name="environment">What the command's options say about the engine around it.</param>
    /// <param name="log">Takes what its programs say.</param>
    /// <param name="messages">Takes denials and what we have to say.</param>
    public AppSession(
        string path, Dictionary<string, string> given, AppEnvironment environment, TextWriter log, TextWriter messages)
    {
        _path = path;
        _given = given;
        _messages = messages;
        _audit = environment.AuditPath is null ? null : JsonLinesAuditSink.OpenFile(environment.AuditPath);
        _engine = new Engine(environment.Engine);
        var lines = new RequestLog(log);
        _export = OtlpExport.FromEnvironment();
        Log = _export is null ? lines : new InvocationSinks(lines, _export.Sink);
        var modules = new ModuleLoader(_engine, environment.Cache, messages);
        _loader = new AppLoader(component => modules.Load(component.Source), Log, denial =>
        {
            lock (messages)
            {
                messages.WriteLine(denial.ToString());
            }
        }, _audit)
        {
            Mode = environment.Mode,
        };
    }

    /// <summary>Takes what invocations leave behind.</summary>
    public IInvocationSink Log { get; }

    /// <summary>Adds what the server's components do to the metrics that are exported, if any are.</summary>
    public void Observe(AppServer server) => _export?.Observe(server.Gauges);

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

    public void Dispose()
    {
        _export?.Dispose();
        _engine.Dispose();
        _audit?.Dispose();
    }
}

/// <summary>What an app is run with.</summary>
/// <param name="Engine">How code is made.</param>
/// <param name="Cache">Where it is kept, or null.</param>
/// <param name="AuditPath">The file for decisions about permissions, or null.</param>
/// <param name="Mode">What becomes of what was not granted.</param>
internal sealed record AppEnvironment(EngineOptions Engine, ImageCache? Cache, string? AuditPath, PermissionMode Mode);
