using System.CommandLine;
using Wisp.Cli.Output;
using Wisp.Cli.Remote;
using Wisp.Host.Admin;
using Wisp.Host.Admin.Messages;

namespace Wisp.Cli.Commands;

/// <summary><c>wisp versions</c>: what was deployed of an app.</summary>
internal static class VersionsCommand
{
    private const int DigestShown = 12;

    public static Command Create()
    {
        var app = new Argument<string?>("app")
        {
            Description = "An app on the server. Default: that of this folder.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var server = new ServerArguments();
        var command = new CommandWithExamples(
            "versions",
            "List what was deployed of an app, the newest first, and which versions answer.",
            """
            wisp versions shop
            """)
        {
            app,
        };
        server.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            string name = ServerArguments.AppOf(parsed.GetValue(app));
            using AdminClient client = server.Open(parsed);
            IReadOnlyList<VersionMessage> versions = await client.GetAsync(
                $"{AdminEndpoints.Root}/apps/{name}/versions", AdminJson.Reading.IReadOnlyListVersionMessage, stop)
                .ConfigureAwait(false);
            server.Output.Write(parsed, versions, AdminJson.Reading.IReadOnlyListVersionMessage, Show);
            return ExitCode.Success;
        });
        return command;
    }

    private static Listing Show(IReadOnlyList<VersionMessage> versions) => new(
        ["Version", "Traffic", "Label", "Deployed", "By", "Bundle"],
        [.. versions.Select(version => (IReadOnlyList<string>)
            [
                $"v{version.Version}", version.Weight == 0 ? "-" : $"{version.Weight} %", version.Label ?? "-", RemoteText.Of(version.CreatedAt), version.By,
                version.Digest.Length <= DigestShown ? version.Digest : version.Digest[..DigestShown],
            ])]);
}
