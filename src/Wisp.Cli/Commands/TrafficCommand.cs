using System.CommandLine;
using Wisp.Cli.Remote;
using Wisp.Host.Admin;
using Wisp.Host.Admin.Messages;

namespace Wisp.Cli.Commands;

/// <summary><c>wisp traffic</c>: which versions answer how many of an app's requests.</summary>
internal static class TrafficCommand
{
    public static Command Create()
    {
        var words = new Argument<string[]>("app")
        {
            Description = "[APP] vN=PERCENT...: which app, and the shares of its versions.",
            Arity = ArgumentArity.OneOrMore,
        };
        var server = new ServerArguments();
        var command = new CommandWithExamples(
            "traffic",
            "Share the requests of an app between its versions, in percent.",
            """
            wisp traffic shop v3=90 v4=10
            wisp traffic shop v4=100
            """)
        {
            words,
        };
        server.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            (string app, Dictionary<string, int> weights) = AppWords.ReadShares(parsed.GetRequiredValue(words));
            using AdminClient client = server.Open(parsed);
            AppMessage now = await client.ChangeAsync(
                HttpMethod.Put, $"{AdminEndpoints.Root}/apps/{app}/traffic", weights, AdminJson.Default.DictionaryStringInt32,
                AdminJson.Reading.AppMessage, stop).ConfigureAwait(false);
            server.Output.Write(parsed, now, AdminJson.Reading.AppMessage, RollbackCommand.Show);
            return ExitCode.Success;
        });
        return command;
    }
}
