using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Wisp.Bench.Http;

/// <summary>An HTTP server in a process of its own.</summary>
internal sealed class WebServer : IDisposable
{
    private readonly Process _process;

    private WebServer(string name, Process process, int port)
    {
        Name = name;
        Address = new Uri($"http://127.0.0.1:{port}");
        _process = process;
    }

    public string Name { get; }

    public Uri Address { get; }

    public bool HasEnded => _process.HasExited;

    /// <summary>Bytes of its memory that are in the machine's.</summary>
    public long ResidentBytes => StatusKilobytes("VmRSS:") * 1024;

    /// <summary>Bytes of its memory that are in the machine's and no file's.</summary>
    public long AnonymousBytes => StatusKilobytes("RssAnon:") * 1024;

    /// <summary>Processor time so far.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Starts a server and waits until it takes connections.</summary>
    /// <param name="name">What the table calls it.</param>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments, given the port.</param>
    public static async Task<WebServer> StartAsync(string name, string program, Func<int, string[]> arguments)
    {
        int port = FreePort();
        var start = new ProcessStartInfo(program, arguments(port)) { RedirectStandardOutput = true, RedirectStandardError = true };
        Process process = Process.Start(start)!;

        // Its log must go somewhere, and nowhere that takes time.
        _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        var server = new WebServer(name, process, port);
        for (int i = 0; i < 3000 && !process.HasExited; i++)
        {
            if (await TryConnectAsync(port).ConfigureAwait(false))
            {
                return server;
            }

            await Task.Delay(10).ConfigureAwait(false);
        }

        server.Dispose();
        throw new InvalidOperationException($"{name} did not start: {(await errors.ConfigureAwait(false)).Trim()}");
    }

    /// <summary>A port of this machine that nobody has now.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private long StatusKilobytes(string key) => File.ReadLines($"/proc/{_process.Id}/status")
        .Where(line => line.StartsWith(key, StringComparison.Ordinal))
        .Select(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture))
        .FirstOrDefault();

    private static async Task<bool> TryConnectAsync(int port)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port).ConfigureAwait(false);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
