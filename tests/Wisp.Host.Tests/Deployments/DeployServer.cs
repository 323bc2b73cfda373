using System.Security.Cryptography;
using Wisp.Host.Bundles;
using Wisp.Host.Deployments;
using Wisp.Host.State;

namespace Wisp.Host.Tests.Deployments;

/// <summary>A registry over a data folder, with a host that only remembers; can be started again.</summary>
internal sealed class DeployServer : IDisposable
{
    public const string Manifest = """
        [application]
        name = "shop"
        [[trigger.http]]
        route = "/..."
        component = "app"
        [component.app]
        source = "app.wat"

        """;

    private readonly TempFolder _temp = new();
    private readonly Engine _engine = new();

    public DeployServer() => Restart();

    public DeploymentOptions Options { get; set; } = new();

    public FakeVersionHost Host { get; private set; } = null!;

    public ServerState State { get; private set; } = null!;

    public DeploymentRegistry Registry { get; private set; } = null!;

    public List<string> Reports { get; } = [];

    public string Data => Path.Combine(_temp.Path, "data");

    public void Restart()
    {
        Stop();
        Host = new FakeVersionHost();
        State = ServerState.Open(Data, _engine);
        Registry = new DeploymentRegistry(State, Host, Options, line =>
        {
            lock (Reports)
            {
                Reports.Add(line);
            }
        });
        Registry.Start();
    }

    public void Stop()
    {
        Registry?.Dispose();
        State?.Dispose();
    }

    /// <summary>A bundle of an app of one program.</summary>
    /// <param name="number">Makes the program different from others.</param>
    /// <param name="more">More of the manifest, in the component's table.</param>
    /// <param name="app">The app's name.</param>
    public static byte[] Bundle(int number, string more = "", string app = "shop") => Bundle(new()
    {
        ["wisp.toml"] = Manifest.Replace("\"shop\"", $"\"{app}\"", StringComparison.Ordinal) + more,
        ["app.wat"] = $"(module (func (export \"_start\")) (func (export \"number\") (result i32) i32.const {number}))",
    });

    public static byte[] Bundle(SortedDictionary<string, string> files)
    {
        var target = new MemoryStream();
        using (var writer = new BundleWriter(target))
        {
            foreach ((string name, string text) in files)
            {
                byte[] bytes = System.Text.Encoding.UTF8.GetBytes(text);
                writer.Add(name, new MemoryStream(bytes), bytes.Length);
            }

            writer.Finish();
        }

        return target.ToArray();
    }

    public Task<AppStatus> Deploy(
        byte[] bundle, string app = "shop", int? canary = null, bool accept = false, CancellationToken cancellationToken = default) => Registry.DeployAsync(
            new DeployRequest(app, new MemoryStream(bundle), SHA256.HashData(bundle), "tester") { Canary = canary, AcceptsPermissions = accept },
            new Progress<DeployStep>(_ => { }), cancellationToken);

    /// <summary>Everything in the data folder whose presence depends on what was deployed, with the contents of the database.</summary>
    public List<string> Files() =>
    [
        .. new[] { "blobs", "images", "apps", "incoming", "storage" }
            .SelectMany(folder => Directory.EnumerateFileSystemEntries(Path.Combine(Data, folder), "*", SearchOption.AllDirectories))
            .Select(path => Path.GetRelativePath(Data, path)).Where(path => path.Split('/') is not ["blobs", _]).Order(StringComparer.Ordinal),
    ];

    public void Dispose()
    {
        Stop();
        _engine.Dispose();
        _temp.Dispose();
    }
}
