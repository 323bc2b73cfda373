using System.CommandLine;
using Wisp.Cli.Output;
using Wisp.Cli.Remote;
using Wisp.Host.Admin;
using Wisp.Host.Admin.Messages;

namespace Wisp.Cli.Commands;

/// <summary><c>wisp rollback</c>: back to a version that was there before.</summary>
internal static class RollbackCommand
{
    public static Command Create()
    {
        var words = new Argument<string[]>("app") { Description = "[APP] [vN]: which app, and which version; the one before.", Arity = new ArgumentArity(0, 2) };
        var server = new ServerArguments();
        var command = new CommandWithExamples(
            "rollback",
            "Give all requests of an app to the version that answered before, or to one that is named. No request is lost.",
            """
            wisp rollback shop
            wisp rollback shop v3
            """)
        {
            words,
        };
        server.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            (string app, int? version) = AppWords.ReadVersion(parsed.GetValue(words) ?? []);
            using AdminClient client = server.Open(parsed);
            AppMessage now = await client.ChangeAsync(
                HttpMethod.Post, $"{AdminEndpoints.Root}/apps/{app}/rollback", new RollbackMessage(version), AdminJson.Default.RollbackMessage,
                AdminJson.Reading.AppMessage, stop).ConfigureAwait(false);
            server.Output.Write(parsed, now, AdminJson.Reading.AppMessage, Show);
            return ExitCode.Success;
        });
        return command;
    }

    /// <summary>An app whose traffic has changed.</summary>
    public static Listing Show(AppMessage app) => Listing.OfPairs([("app", app.Name), ("traffic", RemoteText.Of(app.Traffic))]);
}
