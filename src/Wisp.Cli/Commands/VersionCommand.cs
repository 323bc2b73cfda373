using System.CommandLine;
using System.Runtime.InteropServices;
using Wisp.Abi.Images;

namespace Wisp.Cli.Commands;

/// <summary><c>wisp version</c>: what to name in a report.</summary>
internal static class VersionCommand
{
    public static Command Create()
    {
        var command = new CommandWithExamples("version", "Print the version and what decides whether images can be shared.", "wisp version");
        command.SetAction(parsed => Print(parsed.InvocationConfiguration.Output));
        return command;
    }

    public static int Print(TextWriter output)
    {
        string version = typeof(VersionCommand).Assembly.GetName().Version?.ToString(3) ?? "unknown";
        output.WriteLine($"wisp {version}");
        output.WriteLine($"images: format {ImageFormat.FormatVersion}, fingerprint {CodeFingerprint.Current:x16}");
        output.WriteLine(
            $"host: {RuntimeInformation.RuntimeIdentifier}, "
            + $"{RuntimeInformation.FrameworkDescription}");
        return ExitCode.Success;
    }
}
