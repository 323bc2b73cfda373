using System.Net;
using System.Net.Sockets;
using System.Text;
using Wisp.Host.Apps;
using Wisp.Host.Manifests;
using Wisp.Host.Telemetry;
using Wisp.Host.Tests.Telemetry;
using Wisp.Permissions;

namespace Wisp.Host.Tests;

/// <summary>A server with an app, on a port of its own, and a client for it.</summary>
internal sealed class RunningApp : IAsyncDisposable
{
    private readonly StringWriter _log = new();
    private readonly TextWriter _writer;   // its methods lock it
    private readonly List<Denial> _denials = [];
    private readonly AppLoader _loader;
    private readonly string _folder;

    private RunningApp(
        string manifest, Dictionary<string, byte[]> programs, string folder, TimeProvider? clock, IInvocationSink? sink, ClientLimits? clients,
        PermissionMode mode)
    {
        _folder = folder;
        Programs = programs;
        _writer = TextWriter.Synchronized(_log);
        var log = new InvocationSinks([new RequestLog(_writer), Invocations, .. sink is null ? (IInvocationSink[])[] : [sink]]);
        _loader = new AppLoader(
            component => Module.Compile(
                RunningServer.Engine, Programs[Path.GetFileName(component.Source)], Path.GetFileName(component.Source)), log, _denials.Add)
        {
            Mode = mode,
        };
        var options = new FunctionServerOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0), Clients = clients ?? new ClientLimits() };
        Server = new AppServer(Load(manifest), options, log, null, clock);
    }

    public AppServer Server { get; }

    public Dictionary<string, byte[]> Programs { get; }

    public InvocationCollector Invocations { get; } = new();

    public HttpClient Client { get; private set; } = null!;

    public IReadOnlyList<Denial> Denials => _denials;

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

    private int Port => new Uri(Server.Addresses.Single()).Port;

    /// <summary>Starts an app.</summary>
    /// <param name="manifest">Its manifest, behind the table <c>[application]</c>.</param>
    /// <param name="programs">Its modules by the names of their files.</param>
    /// <param name="folder">Where its files lie, for those that have some.</param>
    /// <param name="clock">The time of its cron triggers.</param>
    /// <param name="sink">Is told what invocations leave behind; or null.</param>
    /// <param name="clients">What clients may take.</param>
    /// <param name="mode">What becomes of what was not granted.</param>
    public static async Task<RunningApp> StartAsync(
        string manifest, Dictionary<string, byte[]> programs, string folder = "/nowhere", TimeProvider? clock = null,
        IInvocationSink? sink = null, ClientLimits? clients = null, PermissionMode mode = PermissionMode.Enforce)
    {
        var app = new RunningApp(manifest, programs, folder, clock, sink, clients, mode);
        await app.Server.StartAsync(TestContext.Current.CancellationToken);
        app.Client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = int.MaxValue, AllowAutoRedirect = false })
        {
            BaseAddress = new Uri(app.Server.Addresses.Single()),
            Timeout = TimeSpan.FromSeconds(60),
        };
        return app;
    }

    /// <summary>Makes a version of the app that can take the place of the one that runs.</summary>
    public App LoadVersion(string manifest, int version)
    {
        AppManifest read = AppManifestReader.ReadText("[application]\nname = \"test\"\n" + manifest, _folder);
        return _loader.Load(read, VariableValues.Of(read, new Dictionary<string, string>(), _ => null), version);
    }

    /// <summary>Makes an app of a folder, whatever manifest it has.</summary>
    public App LoadFolder(string folder)
    {
        AppManifest read = AppSource.Read(folder);
        return _loader.Load(read, VariableValues.Of(read, new Dictionary<string, string>(), _ => null));
    }

    /// <summary>Makes an app that can take the place of the one that runs.</summary>
    public App Load(string manifest, params (string Name, string Value)[] variables)
    {
        AppManifest read = AppManifestReader.ReadText("[application]\nname = \"test\"\n" + manifest, _folder);
        return _loader.Load(read, VariableValues.Of(read, variables.ToDictionary(pair => pair.Name, pair => pair.Value), _ => null));
    }

    /// <summary>Waits until the log says something.</summary>
    public async Task<string> LogAsync(string text)
    {
        for (int i = 0; i < 6000 && !Log.Contains(text, StringComparison.Ordinal); i++)
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        return Log;
    }

    /// <summary>Opens a connection that sends nothing yet.</summary>
    public async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, Port, TestContext.Current.CancellationToken);
        return socket;
    }

    /// <summary>Sends bytes as they are and reads all that comes back until the server closes the connection.</summary>
    public async Task<string> SendRawAsync(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Port, TestContext.Current.CancellationToken);
        NetworkStream stream = client.GetStream();
        try
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(request), TestContext.Current.CancellationToken);
            using var reader = new StreamReader(stream, Encoding.Latin1);
            return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        }
        catch (IOException)
        {
            return string.Empty;   // reset: the server did not even read to the end
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Server.StopAsync();
        await Server.DisposeAsync();
    }
}
