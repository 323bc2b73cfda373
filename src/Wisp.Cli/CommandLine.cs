using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Wisp.Cli.Commands;

namespace Wisp.Cli;

/// <summary>The tree of commands, and what happens around each of them: help, usage errors, failures.</summary>
internal static class CommandLine
{
    /// <summary>Runs one command line.</summary>
    /// <returns>The exit code of the process.</returns>
    public static int Run(string[] args, TextWriter output, TextWriter error)
    {
        RootCommand root = Build();
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
            return FailureReport.Write(exception, error);
        }
    }

    public static RootCommand Build()
    {
        var root = new RootCommand("Runs WebAssembly functions: compiles them to native code, grants exactly what you name.")
        {
            RunCommand.Create(),
            ServeCommand.Create(),
            NewCommand.Create(),
            BuildCommand.Create(),
            UpCommand.Create(),
            InvokeCommand.Create(),
            TestCommand.Create(),
            SchemaCommand.Create(),
            ServerCommand.Create(),
            LoginCommand.Create(),
            DeployCommand.Create(),
            ListCommand.Create(),
            StatusCommand.Create(),
            VersionsCommand.Create(),
            RollbackCommand.Create(),
            TrafficCommand.Create(),
            SecretCommand.Create(),
            TokenCommand.Create(),
            AuditCommand.Create(),
            LogsCommand.Create(),
            DeleteCommand.Create(),
            CompileCommand.Create(),
            ValidateCommand.Create(),
            InspectCommand.Create(),
            WastCommand.Create(),
            VersionCommand.Create(),
            CompletionCommand.Create(),
        };
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
