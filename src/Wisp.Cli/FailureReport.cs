using System.Net.Sockets;
using Wisp.Abi.Images;
using Wisp.Cli.Output;
using Wisp.Cli.Remote;
using Wisp.Host.Bundles;
using Wisp.Host.Manifests;
using Wisp.Permissions;
using Wisp.Wasi;
using Wisp.Wasm;

namespace Wisp.Cli;

/// <summary>Turns whatever ended a command into its exit code and the one line that says what, where and why.</summary>
internal static class FailureReport
{
    private const string ShowInternals = "WISP_DEBUG";

    public static int Write(Exception exception, TextWriter error)
    {
        switch (exception)
        {
            case WasiExitException exit:
                return (int)(exit.Code & 0xff);   // what the kernel keeps of an exit code

            case TrapException trap:
                error.WriteLine($"wisp: trap: {OneLine(trap.Message)}");
                error.Write(trap.Backtrace.ToString());
                return ExitCode.Trap;

            case CommandException failure:
                error.WriteLine($"wisp: {OneLine(failure.Message)}");
                return failure.ExitCode;

            case ManifestException manifest:
                foreach (ManifestFault fault in manifest.Faults)
                {
                    error.WriteLine($"wisp: {OneLine(fault.ToString())}");
                }

                return ExitCode.Failure;

            case RemoteException refused:
                WriteLines(refused.Message, error);
                return refused.Error.Code == RemoteException.PermissionsNotAccepted ? ExitCode.PermissionsNotAccepted : ExitCode.Failure;

            case BundleException or WasmException or ImageException or LinkException or IOException or UnauthorizedAccessException or SocketException
                or PlatformNotSupportedException:
                error.WriteLine($"wisp: {OneLine(exception.Message)}");
                return ExitCode.Failure;

            case OutOfMemoryException:
                error.WriteLine("wisp: out of memory");
                return ExitCode.Failure;

            default:
                error.WriteLine(
                    $"wisp: internal failure: {exception.GetType().Name}: {OneLine(exception.Message)} ({ShowInternals}=1 shows where)");
                if (Environment.GetEnvironmentVariable(ShowInternals) == "1")
                {
                    error.WriteLine(exception);
                }

                return ExitCode.Failure;
        }
    }

    private static void WriteLines(string message, TextWriter error)
    {
        foreach (string line in message.Split('\n'))
        {
            error.WriteLine($"wisp: {TerminalText.Printable(line)}");
        }
    }

    /// <summary>A message may quote a name that a guest chose; it stays one line whatever the name holds.</summary>
    public static string OneLine(string message)
    {
        if (!message.AsSpan().ContainsAnyInRange('\0', '\x1f'))
        {
            return message;
        }

        string[] words = message.Split(['\r', '\n', '\t', ' '], StringSplitOptions.RemoveEmptyEntries);
        return string.Join(' ', words.Select(GuestText.Escape));
    }
}
