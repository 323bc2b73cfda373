using System.CommandLine;
using Wisp.Cli.Output;
using Wisp.Cli.Remote;
using Wisp.Host.Admin;
using Wisp.Host.Admin.Messages;

namespace Wisp.Cli.Commands;

/// <summary><c>wisp audit</c>: who did what on a server.</summary>
internal static class AuditCommand
{
    public static Command Create()
    {
        var limit = new Option<int>("--limit") { Description = "At most how many lines.", HelpName = "lines", DefaultValueFactory = _ => 50 };
        var server = new ServerArguments();
        var command = new CommandWithExamples("audit", "Show who did what on a server, the newest first.", "wisp audit --limit 20") { limit };
        server.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            using AdminClient client = server.Open(parsed);
            IReadOnlyList<AuditMessage> lines = await client.GetAsync(
                $"{AdminEndpoints.Root}/audit?limit={parsed.GetValue(limit)}", AdminJson.Reading.IReadOnlyListAuditMessage, stop).ConfigureAwait(false);
            server.Output.Write(parsed, lines, AdminJson.Reading.IReadOnlyListAuditMessage, Show);
            return ExitCode.Success;
        });
        return command;
    }

    private static Listing Show(IReadOnlyList<AuditMessage> lines) => new(
        ["Time", "Token", "Action", "App", "Detail"],
        [.. lines.Select(line => (IReadOnlyList<string>)[RemoteText.Of(line.Time), line.By, line.Action, line.App ?? "-", line.Detail ?? ""])])
    {
        WhenEmpty = "nothing happened yet",
    };
}
