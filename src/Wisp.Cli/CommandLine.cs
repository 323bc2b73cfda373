using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Wisp.Cli.Commands;
using Wisp.Cli.Output;
using Wisp.Cli.Remote;
using Wisp.Host.Admin.Messages;

namespace Wisp.Cli;

/// <summary>The tree of commands, and what happens around each of them: help, usage errors, failures.</summary>
internal static class CommandLine
{
    // In the order of the help page.
    private static readonly (string Name, Func<Command> Create)[] Commands =
    [
        ("run", RunCommand.Create),
        ("serve", ServeCommand.Create),
        ("new", NewCommand.Create),
        ("build", BuildCommand.Create),
        ("up", UpCommand.Create),
        ("invoke", InvokeCommand.Create),
        ("test", TestCommand.Create),
        ("schema", SchemaCommand.Create),
        ("server", ServerCommand.Create),
        ("login", LoginCommand.Create),
        ("deploy", DeployCommand.Create),
        ("list", ListCommand.Create),
        ("status", StatusCommand.Create),
        ("logs", LogsCommand.Create),
        ("versions", VersionsCommand.Create),
        ("rollback", RollbackCommand.Create),
        ("traffic", TrafficCommand.Create),
        ("secret", SecretCommand.Create),
        ("token", TokenCommand.Create),
        ("audit", AuditCommand.Create),
        ("delete", DeleteCommand.Create),
        ("compile", CompileCommand.Create),
        ("validate", ValidateCommand.Create),
        ("inspect", InspectCommand.Create),
        ("wast", WastCommand.Create),
        ("version", VersionCommand.Create),
        ("completion", CompletionCommand.Create),
    ];

    /// <summary>Runs one command line.</summary>
    /// <returns>The exit code of the process.</returns>
    public static int Run(string[] args, TextWriter output, TextWriter error)
    {
        RootCommand root = Build(args.FirstOrDefault());
        // "@FILE" is an argument like any other: a program's own, or the body of a request.
        ParseResult parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is ParseErrorAction)
        {
            return ReportUsage(parsed, error);
        }

        // The commands handle termination themselves, and failures get one line instead of a stack trace.
        var configuration = new InvocationConfiguration
        {
            Output = output,
            Error = error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        try
        {
            return parsed.Invoke(configuration);
        }
        catch (Exception exception)
        {
            if (exception is RemoteException refused && OutputOption.IsJsonWanted(parsed))
            {
                output.WriteLine(OutputOption.ToJson(new ErrorMessage(refused.Error), AdminJson.Default.ErrorMessage));
            }

            return FailureReport.Write(exception, error);
        }
    }

    /// <summary>The tree of commands.</summary>
    /// <param name="only">The one command that is needed, when it is known; the others are not made then. Every start of the process pays for
    /// what is made here.</param>
    public static RootCommand Build(string? only = null)
    {
        var root = new RootCommand("Runs WebAssembly functions: compiles them to native code, grants exactly what you name.");
        bool isKnown = Commands.Any(command => command.Name == only);
        foreach ((string name, Func<Command> create) in Commands)
        {
            if (!isKnown || name == only)
            {
                root.Add(create());
            }
        }

        foreach (Option option in root.Options)
        {
            if (option is HelpOption { Action: HelpAction standard } help)
            {
                help.Action = new HelpWithExamples(standard);
            }
            else if (option is VersionOption version)
            {
                version.Action = new VersionAction();
            }
        }

        return root;
    }

    /// <summary>A command as it is typed, such as <c>wisp secret set</c>.</summary>
    private static string PathOf(CommandResult command) => command.Parent is CommandResult parent
        ? $"{PathOf(parent)} {command.Command.Name}" : "wisp";

    private static int ReportUsage(ParseResult parsed, TextWriter error)
    {
        string command = PathOf(parsed.CommandResult);
        string message = parsed.Errors[0].Message.TrimEnd('.');
        if (parsed.CommandResult.Command is RootCommand)   // the library only says that a command is missing
        {
            string? word = parsed.UnmatchedTokens.FirstOrDefault(static token => !token.StartsWith('-'));
            message = word is null ? "a command is missing" : $"there is no command \"{word}\"";
        }

        error.WriteLine($"wisp: {message}; {command} --help shows what is possible");
        return ExitCode.Usage;
    }

    /// <summary>The library's help page, then the command's examples.</summary>
    private sealed class HelpWithExamples(HelpAction standard) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            int code = standard.Invoke(parseResult);
            if (parseResult.CommandResult.Command is CommandWithExamples { Examples: string examples })
            {
                TextWriter output = parseResult.InvocationConfiguration.Output;
                output.WriteLine("Examples:");
                foreach (string line in examples.Split('\n'))
                {
                    output.WriteLine(line.Length == 0 ? line : $"  {line}");
                }
            }

            return code;
        }
    }

    private sealed class VersionAction : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult) =>
            VersionCommand.Print(parseResult.InvocationConfiguration.Output);
    }
}
