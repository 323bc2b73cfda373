using System.CommandLine;
using Wisp.Cli.Output;
using Wisp.Cli.Remote;
using Wisp.Host.Admin;
using Wisp.Host.Admin.Messages;
using Wisp.Permissions;

namespace Wisp.Cli.Commands;

/// <summary><c>wisp login</c>: keeps the address of a server and a token for it.</summary>
internal static class LoginCommand
{
    public static Command Create()
    {
        var url = new Argument<string>("url") { Description = "Address of the server's API, such as http://127.0.0.1:8081." };
        var token = new Option<string?>("--token")
        {
            Description = "The token. Others may see it in the list of processes; --token-file and standard input are safer.",
            HelpName = "token",
        };
        var tokenFile = new Option<string?>("--token-file") { Description = "A file with the token.", HelpName = "file" };
        var name = new Option<string?>("--name") { Description = "What to call the server. Default: its host and port.", HelpName = "name" };
        var command = new CommandWithExamples(
            "login",
            "Keep the address of a server and a token for it, which is asked for unless it is given. Later commands ask this server.",
            """
            wisp login http://127.0.0.1:8081 --token-file /var/lib/wisp/admin.token
            wisp login https://wisp.example.com:8081 --name prod < token.txt
            """)
        {
            url, token, tokenFile, name,
        };
        command.SetAction(async (parsed, stop) =>
        {
            Uri address = ServerAddress.Parse(parsed.GetRequiredValue(url));
            string text = ReadToken(parsed.GetValue(token), parsed.GetValue(tokenFile));
            using var client = new AdminClient(address, text);
            ServerMessage server = await client.GetAsync($"{AdminEndpoints.Root}/status", AdminJson.Reading.ServerMessage, stop).ConfigureAwait(false);
            string called = parsed.GetValue(name) ?? address.Authority;
            string file = SavedServers.Read().Save(called, new SavedServer(ServerAddress.Text(address), text));
            TextWriter output = parsed.InvocationConfiguration.Output;
            await output.WriteLineAsync($"logged in to {ServerAddress.Text(address)} (wisp {GuestText.Escape(server.Version)}) as {called}; saved in {file}").ConfigureAwait(false);
            if (address.Scheme == "http" && !address.IsLoopback)
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync(
                    "wisp: the token travels as clear text; put TLS in front of a server that others reach").ConfigureAwait(false);
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static string ReadToken(string? given, string? file)
    {
        if (given is not null && file is not null)
        {
            throw CommandException.Usage("--token and --token-file exclude each other");
        }

        string text = (given ?? (file is null ? Terminal.ReadSecret("token") : File.ReadAllText(file))).Trim();
        return TokenText.IsWellFormed(text)
            ? text : throw CommandException.Failed($"what was given as a token is none: it is {TokenText.Prefix} and 43 characters");
    }
}
