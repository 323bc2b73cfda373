using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Wisp.Host.Apps;
using Wisp.Permissions;

namespace Wisp.Cli.Apps;

/// <summary>A server as the purpose of a process: from its start to the signal that ends it.</summary>
internal static class ServerProcess
{
    /// <summary>Serves until SIGTERM or SIGINT.</summary>
    /// <param name="server">The server; not started yet.</param>
    /// <param name="listen">Where it will listen, for messages.</param>
    /// <param name="output">Where the addresses go.</param>
    /// <param name="meanwhile">Runs beside it, until its token is cancelled; or null.</param>
    public static Task<int> RunAsync(
        AppServer server, IPEndPoint listen, TextWriter output, Func<CancellationToken, Task>? meanwhile = null) => RunAsync(
        new ServedProcess(
            server.StartAsync, server.StopAsync, () => output.WriteLine($"wisp: serving on {string.Join(", ", server.Addresses)}"), $"{listen}"),
        output, meanwhile);

    /// <summary>Serves until SIGTERM or SIGINT.</summary>
    /// <param name="server">The server; not started yet.</param>
    /// <param name="output">Where it says that it stops.</param>
    /// <param name="meanwhile">Runs beside it, until its token is cancelled; or null.</param>
    public static async Task<int> RunAsync(ServedProcess server, TextWriter output, Func<CancellationToken, Task>? meanwhile = null)
    {
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Stop(PosixSignalContext context)
        {
            // A second signal of the same kind ends the process at once, as without us.
            context.Cancel = stop.TrySetResult();
        }

        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        try
        {
            await server.StartAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            throw CommandException.Failed($"cannot listen on {server.Listen}: {exception.Message}");
        }

        server.Greet();
        await output.FlushAsync().ConfigureAwait(false);
        using var end = new CancellationTokenSource();
        Task beside = meanwhile?.Invoke(end.Token) ?? Task.CompletedTask;
        await stop.Task.ConfigureAwait(false);
        await output.WriteLineAsync("wisp: stopping").ConfigureAwait(false);
        await end.CancelAsync().ConfigureAwait(false);
        await beside.ConfigureAwait(false);
        await server.StopAsync().ConfigureAwait(false);
        return ExitCode.Success;
    }

    /// <summary>Reads the argument of an option such as <c>--listen</c>.</summary>
    public static IPEndPoint ParseEndPoint(string text, string option = "--listen")
    {
        // IPEndPoint would take "8080" for an address; a port must be written.
        string address = text.StartsWith("localhost:", StringComparison.Ordinal) ? $"127.0.0.1{text["localhost".Length..]}" : text;
        return address.Contains(':', StringComparison.Ordinal) && IPEndPoint.TryParse(address, out IPEndPoint? endPoint)
            ? endPoint
            : throw CommandException.Usage($"{option} {GuestText.Quote(text)}: expected an address and a port such as 127.0.0.1:8080");
    }
}
