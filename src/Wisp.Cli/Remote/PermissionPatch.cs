using Wisp.Cli.Output;
using Wisp.Host.Admin.Messages;

namespace Wisp.Cli.Remote;

/// <summary>Shows what a deploy asks for beside what was accepted, as a patch would.</summary>
internal static class PermissionPatch
{
    public static void Write(string app, PermissionsMessage difference, TextWriter output)
    {
        output.WriteLine($"{app} asks for other permissions than were accepted:");
        foreach (string line in difference.Added)
        {
            output.WriteLine(Colored($"+ {TerminalText.Printable(line)}", "32"));
        }

        foreach (string line in difference.Removed)
        {
            output.WriteLine(Colored($"- {TerminalText.Printable(line)}", "31"));
        }
    }

    private static string Colored(string line, string color) =>
        Terminal.IsErrorSeen && Terminal.HasColors ? $"\e[{color}m{line}\e[0m" : line;
}
