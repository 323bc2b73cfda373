using System.CommandLine;
using Wisp.Cli.Apps;
using Wisp.Cli.Output;
using Wisp.Host.Manifests;

namespace Wisp.Cli.Commands;

/// <summary><c>wisp new</c>: a folder to start from.</summary>
internal static class NewCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = "The app's name, and the folder to make." };
        var template = new Option<string>("--template", "-t")
        {
            Description = $"The language: {string.Join(", ", AppTemplate.Names)}.",
            HelpName = "language",
            Required = true,
        };
        template.AcceptOnlyFromAmong([.. AppTemplate.Names]);
        var format = new OutputOption(hasTables: false);
        var command = new CommandWithExamples(
            "new",
            "Make a folder with an app to start from: source, wisp.toml, a test.",
            """
            wisp new hello --template c
            cd hello && wisp build && wisp test && wisp up
            """)
        {
            name, template,
        };
        format.AddTo(command);
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(name);
            string app = Path.GetFileName(Path.TrimEndingDirectorySeparator(path));
            if (TextTypes.AppName.Check!(app) is string fault)
            {
                throw CommandException.Usage(fault);
            }

            if (Path.Exists(path))
            {
                throw CommandException.Failed($"{path}: exists already");
            }

            AppTemplate.Write(parsed.GetRequiredValue(template), app, path);
            TextWriter output = parsed.InvocationConfiguration.Output;
            if (format.IsJson(parsed))
            {
                output.WriteLine(OutputOption.ToJson(new NewAppMessage(app, path), CommandJson.Default.NewAppMessage));
                return ExitCode.Success;
            }

            output.WriteLine($"made {path}; next:");
            output.WriteLine($"  cd {path}");
            output.WriteLine("  wisp build");
            output.WriteLine("  wisp up");
            return ExitCode.Success;
        });
        return command;
    }
}
