using System.CommandLine;
using Wisp.Cli.Scripts;

namespace Wisp.Cli.Commands;

/// <summary><c>wisp wast</c>: scripts of the official test suite.</summary>
internal static class WastCommand
{
    public static Command Create()
    {
        var paths = new Argument<string[]>("path")
        {
            Description = "Script files (.wast), or folders of them.",
            Arity = ArgumentArity.OneOrMore,
        };
        var engine = new EngineFlags();
        var command = new CommandWithExamples(
            "wast",
            "Run scripts of the WebAssembly test suite: a line for each file, then the assertions that passed, failed, were skipped.",
            """
            wisp wast i32.wast
            wisp wast ../testsuite
            """)
        {
            paths,
        };
        engine.AddTo(command);
        command.SetAction(parsed =>
        {
            string[] given = parsed.GetRequiredValue(paths);
            if (given.FirstOrDefault(path => !Path.Exists(path)) is string missing)
            {
                throw CommandException.Failed($"{missing}: no such file or folder");
            }

            using var host = new Engine(engine.Read(parsed));
            bool isGood = ScriptFiles.Run(
                host, given, parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            return isGood ? ExitCode.Success : ExitCode.Failure;
        });
        return command;
    }
}
