using System.CommandLine;
using Wisp.Cli.Output;
using Wisp.Cli.Remote;
using Wisp.Host.Admin;
using Wisp.Host.Admin.Messages;
using Wisp.Host.Manifests;

namespace Wisp.Cli.Commands;

/// <summary><c>wisp secret</c>: values of an app's secret variables, which live on the server alone.</summary>
internal static class SecretCommand
{
    public static Command Create() => new("secret", "Set, list and delete the values of an app's secret variables on a server.")
    {
        CreateSet(), CreateList(), CreateDelete(),
    };

    private static Command CreateSet()
    {
        Argument<string[]> words = Words("[APP] NAME: which app, and the variable, which has secret = true in wisp.toml.");
        var value = new Option<string?>("--value")
        {
            Description = "The value. Others may see it in the list of processes; standard input and the prompt are safer.",
            HelpName = "text",
        };
        var server = new ServerArguments();
        var command = new CommandWithExamples(
            "set",
            "Set a secret. The value is asked for, or is all of standard input but the end of its last line.",
            """
            wisp secret set shop api_key
            wisp secret set shop api_key < key.txt
            """)
        {
            words, value,
        };
        server.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            (string path, string name) = Read(parsed.GetRequiredValue(words));
            using AdminClient client = server.Open(parsed);
            string text = parsed.GetValue(value)
                ?? (Console.IsInputRedirected ? WithoutLineEnd(await Console.In.ReadToEndAsync(stop).ConfigureAwait(false)) : Terminal.ReadSecret("value"));
            if (text.Length == 0)
            {
                throw CommandException.Failed("an empty value is no secret; wisp secret delete takes one away");
            }

            await client.ChangeAsync(HttpMethod.Put, path, new SecretValueMessage(text), AdminJson.Default.SecretValueMessage, stop).ConfigureAwait(false);
            await parsed.InvocationConfiguration.Error.WriteLineAsync($"set {name}").ConfigureAwait(false);
            return ExitCode.Success;
        });
        return command;
    }

    private static Command CreateList()
    {
        var app = new Argument<string?>("app")
        {
            Description = "An app on the server. Default: that of this folder.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var server = new ServerArguments();
        var command = new CommandWithExamples("list", "List the secrets of an app: names and times, never values.", "wisp secret list shop") { app };
        server.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            string named = ServerArguments.AppOf(parsed.GetValue(app));
            using AdminClient client = server.Open(parsed);
            IReadOnlyList<SecretMessage> secrets = await client.GetAsync(
                $"{AdminEndpoints.Root}/apps/{named}/secrets", AdminJson.Reading.IReadOnlyListSecretMessage, stop)
                .ConfigureAwait(false);
            server.Output.Write(parsed, secrets, AdminJson.Reading.IReadOnlyListSecretMessage, Show);
            return ExitCode.Success;
        });
        return command;
    }

    private static Command CreateDelete()
    {
        Argument<string[]> words = Words("[APP] NAME: which app, and the variable.");
        var server = new ServerArguments();
        var command = new CommandWithExamples("delete", "Delete a secret.", "wisp secret delete shop api_key") { words };
        server.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            (string path, string name) = Read(parsed.GetRequiredValue(words));
            using AdminClient client = server.Open(parsed);
            await client.DeleteAsync(path, stop).ConfigureAwait(false);
            await parsed.InvocationConfiguration.Error.WriteLineAsync($"deleted {name}").ConfigureAwait(false);
            return ExitCode.Success;
        });
        return command;
    }

    private static Argument<string[]> Words(string description) => new("name") { Description = description, Arity = new ArgumentArity(1, 2) };

    private static (string Path, string Name) Read(string[] words)
    {
        string name = words[^1];
        return TextTypes.VariableName.Check!(name) is string fault
            ? throw CommandException.Usage(fault)
            : ($"{AdminEndpoints.Root}/apps/{ServerArguments.AppOf(words.Length == 2 ? words[0] : null)}/secrets/{name}", name);
    }

    private static string WithoutLineEnd(string text) => text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2]
        : text.EndsWith('\n') ? text[..^1] : text;

    private static Listing Show(IReadOnlyList<SecretMessage> secrets) => new(
        ["Secret", "Changed"], [.. secrets.Select(secret => (IReadOnlyList<string>)[secret.Name, RemoteText.Of(secret.ChangedAt)])])
    {
        WhenEmpty = "no secrets",
    };
}
