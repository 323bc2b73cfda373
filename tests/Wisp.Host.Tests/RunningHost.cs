using System.Net;
using Wisp.Host.Deployments;
using Wisp.Host.Hosting;
using Wisp.Host.Manifests;
using Wisp.Host.Requests;

namespace Wisp.Host.Tests;

/// <summary>A host of many apps, asked through connections within the process. Its versions live in a folder of its own.</summary>
internal sealed class RunningHost : IAsyncDisposable
{
    private readonly StringWriter _log = new();
    private readonly TextWriter _writer;   // its methods lock it
    private readonly MemoryConnections _connections = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("wisp-host-");

    private RunningHost(FunctionHostOptions options, TimeProvider? clock, bool hasSockets)
    {
        _writer = TextWriter.Synchronized(_log);
        var log = new RequestLog(_writer);
        Host = new FunctionHost(new VersionLoader(new VersionModules(RunningServer.Engine, log), log), options, log, hasSockets ? null : _connections, clock);
        Client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = (_, _) => ValueTask.FromResult(_connections.Connect()),
            AllowAutoRedirect = false,
        });
    }

    public FunctionHost Host { get; }

    public HttpClient Client { get; }

    public string Log
    {
        get
        {
            lock (_writer)
            {
                return _log.ToString();
            }
        }
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<RunningHost> StartAsync(FunctionHostOptions? options = null, TimeProvider? clock = null)
    {
        var host = new RunningHost(
            (options ?? new FunctionHostOptions()) with { Listen = new IPEndPoint(IPAddress.Loopback, 80) }, clock, hasSockets: false);
        await host.Host.StartAsync(Stop);
        return host;
    }

    /// <summary>Starts a host that listens on a port of its own; its own client does not reach it.</summary>
    public static async Task<RunningHost> ListenAsync(FunctionHostOptions options)
    {
        var host = new RunningHost(options with { Listen = new IPEndPoint(IPAddress.Loopback, 0) }, null, hasSockets: true);
        await host.Host.StartAsync(Stop);
        return host;
    }

    /// <summary>The port, of a host that listens.</summary>
    public int Port => new Uri(Host.Addresses.Single()).Port;

    /// <summary>A manifest of one component that takes every request.</summary>
    public static string One(string application = "", string component = "") => $"""
        {application}
        [[trigger.http]]
        route = "/..."
        component = "c"
        [component.c]
        source = "c.wasm"
        {component}
        """;

    /// <summary>Makes a version of an app: its program with its image, as a server would keep them.</summary>
    /// <param name="app">The app.</param>
    /// <param name="number">The version's number.</param>
    /// <param name="program">The program of the component c.</param>
    /// <param name="manifest">The manifest from the second line of <c>[application]</c> on.</param>
    public DeployedVersion Version(string app, int number, byte[] program, string? manifest = null)
    {
        string folder = _folder.CreateSubdirectory(Path.Combine(app, $"{number}")).FullName;
        string image = Path.Combine(folder, "c.wisp");
        File.WriteAllBytes(Path.Combine(folder, "c.wasm"), program);
        using (Module module = Module.Compile(RunningServer.Engine, program, "c.wasm"))
        {
            File.WriteAllBytes(image, module.ToImage());
        }

        AppManifest read = AppManifestReader.ReadText($"[application]\nname = \"{app}\"\n{manifest ?? One()}", folder);
        return new DeployedVersion(app, number, read) { Images = new Dictionary<string, string> { ["c"] = image } };
    }

    /// <summary>Makes a version of another app with the same program and image.</summary>
    public DeployedVersion SameVersion(string app, int number, DeployedVersion pattern) => new(
        app, number, AppManifestReader.ReadText($"[application]\nname = \"{app}\"\n{One()}", pattern.Manifest.Folder))
    { Images = pattern.Images };

    /// <summary>Gives an app's requests to one version.</summary>
    public void Serve(DeployedVersion version) => Host.SetTraffic(version.App, [(version, 100)]);

    public Task<HttpResponseMessage> GetAsync(string host, string path = "/") => Client.GetAsync($"http://{host}{path}", Stop);

    public Task<string> GetTextAsync(string host, string path = "/") => Client.GetStringAsync($"http://{host}{path}", Stop);

    /// <summary>Sends bytes as they are and reads all that comes back until the server closes the connection.</summary>
    public async Task<string> SendRawAsync(string request)
    {
        await using Stream stream = _connections.Connect();
        await stream.WriteAsync(System.Text.Encoding.Latin1.GetBytes(request), Stop);
        using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
        return await reader.ReadToEndAsync(Stop);
    }

    /// <summary>Waits until the log says something.</summary>
    public async Task<string> LogAsync(string text)
    {
        for (int i = 0; i < 6000 && !Log.Contains(text, StringComparison.Ordinal); i++)
        {
            await Task.Delay(10, Stop);
        }

        return Log;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Host.StopAsync();
        await Host.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
