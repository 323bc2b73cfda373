using System.CommandLine;
using Wisp.Cli.Remote;
using Wisp.Host.Admin;
using Wisp.Host.Logs;

namespace Wisp.Cli.Commands;

/// <summary><c>wisp logs</c>: what the programs of an app write, and what the host says about them.</summary>
internal static class LogsCommand
{
    private const int DefaultTail = 100;

    public static Command Create()
    {
        var app = new Argument<string?>("app")
        {
            Description = "An app on the server. Default: that of this folder.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on with what is still to come, until Ctrl+C." };
        var tail = new Option<int?>("--tail", "-n")
        {
            Description = $"So many of the last lines, at most {LogQuery.MaxTail}. Default: {DefaultTail}, or all where --since or --invocation choose.",
            HelpName = "lines",
        };
        var since = new Option<string?>("--since") { Description = "None that is older: 90s, 15m, 2h, 3d, or 2026-01-31T12:00:00Z.", HelpName = "time" };
        var invocation = new Option<long?>("--invocation") { Description = "Only the lines of one invocation.", HelpName = "number" };
        var server = new ServerArguments();
        var command = new CommandWithExamples(
            "logs",
            "Show what the programs of an app write, and what the host says about them. --format json: a line of JSON for each.",
            """
            wisp logs shop -f
            wisp logs shop --since 15m
            wisp logs shop --invocation 1742 --format json
            """)
        {
            app, follow, tail, since, invocation,
        };
        server.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            string name = ServerArguments.AppOf(parsed.GetValue(app));
            int? last = parsed.GetValue(tail)
                ?? (parsed.GetValue(since) is null && parsed.GetValue(invocation) is null ? DefaultTail : null);
            string query = string.Join('&', new[]
            {
                parsed.GetValue(follow) ? "follow=true" : null,
                last is int lines ? $"tail={lines}" : null,
                parsed.GetValue(since) is string time ? $"since={Uri.EscapeDataString(time)}" : null,
                parsed.GetValue(invocation) is long number ? $"invocation={number}" : null,
            }.Where(part => part is not null));
            using AdminClient client = server.Open(parsed);
            var writer = new LogLineWriter(parsed.InvocationConfiguration.Output, server.Output.Of(parsed));
            try
            {
                await foreach (LogLine line in client.FollowAsync(
                    $"{AdminEndpoints.Root}/apps/{name}/logs?{query}", LogJson.Default.LogLine, stop).ConfigureAwait(false))
                {
                    writer.Write(line);
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // Ctrl+C is how following ends.
            }

            return ExitCode.Success;
        });
        return command;
    }
}
