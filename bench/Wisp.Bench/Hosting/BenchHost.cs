using System.Net;
using System.Net.Sockets;
using Wisp.Host;
using Wisp.Host.Deployments;
using Wisp.Host.Hosting;
using Wisp.Host.Manifests;

namespace Wisp.Bench.Hosting;

/// <summary>A function host as <c>wisp server</c> has one, with apps of one program each. Nothing is kept of its log.</summary>
internal sealed class BenchHost : IAsyncDisposable
{
    private readonly Engine _engine = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("wisp-bench-");

    public BenchHost()
    {
        var log = new RequestLog(TextWriter.Null);
        Host = new FunctionHost(
            new VersionLoader(new VersionModules(_engine, log), log),
            new FunctionHostOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0), ShutdownTimeout = TimeSpan.Zero }, log);
    }

    public FunctionHost Host { get; }

    public int Port => new Uri(Host.Addresses.Single()).Port;

    /// <summary>Makes an app's program and its image.</summary>
    /// <returns>A version of it.</returns>
    public DeployedVersion Version(string app, byte[] program, string component = "")
    {
        string folder = _folder.CreateSubdirectory(app).FullName;
        string image = Path.Combine(folder, "c.wisp");
        using (Module module = Module.Compile(_engine, program, "c.wasm"))
        {
            File.WriteAllBytes(image, module.ToImage());
        }

        return At(app, folder, image, component);
    }

    /// <summary>A version of an app, of files that are there.</summary>
    public static DeployedVersion At(string app, string folder, string image, string component = "") =>
        new(app, 1, AppManifestReader.ReadText(
            $"""
            [application]
            name = "{app}"
            [[trigger.http]]
            route = "/..."
            component = "c"
            [component.c]
            source = "c.wasm"
            {component}
            """,
            folder))
        {
            Images = new Dictionary<string, string> { ["c"] = image },
        };

    /// <summary>A client that asks a host on this machine, whatever name the URL has.</summary>
    public static HttpClient ClientOf(int port) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, stop) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(IPAddress.Loopback, port, stop).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        },
        PooledConnectionIdleTimeout = TimeSpan.FromMilliseconds(100),   // a connection at rest would count as memory of the host
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public void Serve(DeployedVersion version) => Host.SetTraffic(version.App, [(version, 100)]);

    public async ValueTask DisposeAsync()
    {
        await Host.StopAsync().ConfigureAwait(false);
        await Host.DisposeAsync().ConfigureAwait(false);
        _engine.Dispose();
        _folder.Delete(recursive: true);
    }
}
