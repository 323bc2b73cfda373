using System.CommandLine;
using Wisp.Cli.Output;
using Wisp.Cli.Remote;
using Wisp.Host.Admin;
using Wisp.Host.Admin.Messages;

namespace Wisp.Cli.Commands;

/// <summary><c>wisp list</c>: the apps of a server.</summary>
internal static class ListCommand
{
    public static Command Create()
    {
        var server = new ServerArguments();
        var command = new CommandWithExamples(
            "list",
            "List the apps of a server.",
            """
            wisp list
            wisp list --server prod --format json
            """);
        server.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            using AdminClient client = server.Open(parsed);
            IReadOnlyList<AppMessage> apps = await client.GetAsync(
                $"{AdminEndpoints.Root}/apps", AdminJson.Reading.IReadOnlyListAppMessage, stop).ConfigureAwait(false);
            server.Output.Write(parsed, apps, AdminJson.Reading.IReadOnlyListAppMessage, Show);
            return ExitCode.Success;
        });
        return command;
    }

    private static Listing Show(IReadOnlyList<AppMessage> apps) => new(
        ["App", "Latest", "Traffic", "Hosts", "Created"],
        [.. apps.Select(app => (IReadOnlyList<string>)[app.Name, $"v{app.Latest}", RemoteText.Of(app.Traffic), RemoteText.HostsOf(app.Hosts), RemoteText.Of(app.CreatedAt)])])
    {
        WhenEmpty = "no apps yet; wisp deploy sends one",
    };
}
