using System.CommandLine;
using Wisp.Cli.Output;
using Wisp.Cli.Remote;
using Wisp.Host.Admin;

namespace Wisp.Cli.Commands;

/// <summary><c>wisp delete</c>: takes an app off a server.</summary>
internal static class DeleteCommand
{
    public static Command Create()
    {
        // Never the folder's: what is deleted is named.
        var app = new Argument<string>("app") { Description = "The app." };
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask." };
        var server = new ServerArguments();
        var command = new CommandWithExamples(
            "delete",
            "Take an app off a server, with all its versions and secrets.",
            """
            wisp delete shop
            wisp delete shop --yes
            """)
        {
            app, yes,
        };
        server.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            string name = ServerArguments.AppOf(parsed.GetRequiredValue(app));
            using AdminClient client = server.Open(parsed);
            if (!parsed.GetValue(yes))
            {
                if (!Terminal.CanAsk)
                {
                    throw CommandException.Usage("nobody is there to be asked; --yes deletes without asking");
                }

                if (!Terminal.Asks($"delete {name} from {ServerAddress.Text(client.Address)}, with all its versions and secrets?"))
                {
                    throw CommandException.Failed("not deleted");
                }
            }

            await client.DeleteAsync($"{AdminEndpoints.Root}/apps/{name}", stop).ConfigureAwait(false);
            await parsed.InvocationConfiguration.Error.WriteLineAsync($"deleted {name}").ConfigureAwait(false);
            return ExitCode.Success;
        });
        return command;
    }
}
