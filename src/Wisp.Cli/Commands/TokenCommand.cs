using System.CommandLine;
using Wisp.Cli.Output;
using Wisp.Cli.Remote;
using Wisp.Host.Admin;
using Wisp.Host.Admin.Messages;
using Wisp.Host.Manifests;

namespace Wisp.Cli.Commands;

/// <summary><c>wisp token</c>: who may ask a server for what.</summary>
internal static class TokenCommand
{
    public static Command Create() => new("token", "Make, list and delete the tokens of a server.")
    {
        CreateCreate(), CreateList(), CreateDelete(),
    };

    private static Command CreateCreate()
    {
        var name = new Argument<string>("name") { Description = "Its name, which the audit log shows." };
        var scope = new Option<string>("--scope")
        {
            Description = "What it may do: read; deploy, which includes read; admin, which is all.",
            HelpName = "scope",
            DefaultValueFactory = _ => "deploy",
        };
        scope.AcceptOnlyFromAmong([.. AdminScopes.Names]);
        var server = new ServerArguments();
        var command = new CommandWithExamples(
            "create",
            "Make a token. It is printed once, on standard output, and kept nowhere.",
            """
            wisp token create ci --scope deploy > token.txt
            """)
        {
            name, scope,
        };
        server.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            using AdminClient client = server.Open(parsed);
            TokenMessage token = await client.ChangeAsync(
                HttpMethod.Post, $"{AdminEndpoints.Root}/tokens", new NewTokenMessage(parsed.GetRequiredValue(name), parsed.GetRequiredValue(scope)),
                AdminJson.Default.NewTokenMessage, AdminJson.Reading.TokenMessage, stop).ConfigureAwait(false);
            await parsed.InvocationConfiguration.Output.WriteLineAsync(
                server.Output.Of(parsed) == OutputFormat.Json ? OutputOption.ToJson(token, AdminJson.Default.TokenMessage) : token.Token).ConfigureAwait(false);
            return ExitCode.Success;
        });
        return command;
    }

    private static Command CreateList()
    {
        var server = new ServerArguments();
        var command = new CommandWithExamples("list", "List the tokens of a server: names and scopes.", "wisp token list");
        server.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            using AdminClient client = server.Open(parsed);
            IReadOnlyList<TokenMessage> tokens = await client.GetAsync(
                $"{AdminEndpoints.Root}/tokens", AdminJson.Reading.IReadOnlyListTokenMessage, stop).ConfigureAwait(false);
            server.Output.Write(parsed, tokens, AdminJson.Reading.IReadOnlyListTokenMessage, Show);
            return ExitCode.Success;
        });
        return command;
    }

    private static Command CreateDelete()
    {
        var name = new Argument<string>("name") { Description = "Its name." };
        var server = new ServerArguments();
        var command = new CommandWithExamples("delete", "Delete a token; who has it is refused from then on.", "wisp token delete ci") { name };
        server.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            string token = parsed.GetRequiredValue(name);
            if (TextTypes.AppName.Check!(token) is string fault)
            {
                throw CommandException.Usage(fault);
            }

            using AdminClient client = server.Open(parsed);
            await client.DeleteAsync($"{AdminEndpoints.Root}/tokens/{token}", stop).ConfigureAwait(false);
            await parsed.InvocationConfiguration.Error.WriteLineAsync($"deleted {token}").ConfigureAwait(false);
            return ExitCode.Success;
        });
        return command;
    }

    private static Listing Show(IReadOnlyList<TokenMessage> tokens) => new(
        ["Token", "Scope", "Created"],
        [.. tokens.Select(token => (IReadOnlyList<string>)[token.Name, token.Scope, RemoteText.Of(token.CreatedAt)])]);
}
