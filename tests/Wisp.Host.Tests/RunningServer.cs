using System.Net;
using Wisp.Permissions;

namespace Wisp.Host.Tests;

/// <summary>A server with one program, on a port of its own, and a client for it.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly Module _module;
    private readonly FunctionServer _server;
    private readonly StringWriter _log;
    private readonly TextWriter _writer;   // its methods lock it

    private RunningServer(Module module, FunctionServer server, StringWriter log, TextWriter writer)
    {
        _writer = writer;
        _module = module;
        _server = server;
        _log = log;
        Client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = int.MaxValue })
        {
            BaseAddress = new Uri(server.Addresses.Single()),
            Timeout = TimeSpan.FromSeconds(60),
        };
    }

    public static Engine Engine { get; } = new();

    public HttpClient Client { get; }

    public FunctionServer Server => _server;

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

    public static async Task<RunningServer> StartAsync(
        byte[] program, Action<FunctionServerOptions>? configure = null, Action<GrantBuilder>? grant = null)
    {
        Module module = Module.Compile(Engine, program, "test");
        var builder = new GrantBuilder();
        grant?.Invoke(builder);
        var options = new FunctionServerOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0) };
        configure?.Invoke(options);
        var log = new StringWriter();
        TextWriter writer = TextWriter.Synchronized(log);
        var server = new FunctionServer(
            new FunctionProgram(module, new PermissionGate(builder.Build(), "test"), ["test"]), options, writer);
        await server.StartAsync(TestContext.Current.CancellationToken);
        return new RunningServer(module, server, log, writer);
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

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _server.StopAsync();
        await _server.DisposeAsync();
        _module.Dispose();
    }
}
