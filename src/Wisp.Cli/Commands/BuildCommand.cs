using System.CommandLine;
using Wisp.Host.Building;
using Wisp.Host.Manifests;

namespace Wisp.Cli.Commands;

/// <summary><c>wisp build</c>: the programs of an app, by the commands in its manifest.</summary>
internal static class BuildCommand
{
    public static Command Create()
    {
        var path = new Argument<string>("app")
        {
            Description = "A folder with wisp.toml. Default: this folder.",
            DefaultValueFactory = _ => ".",
        };
        var command = new CommandWithExamples(
            "build",
            "Build the programs of an app by the commands in its wisp.toml, which run with your rights.",
            """
            wisp build
            wisp build samples/shop && wisp up samples/shop
            """)
        {
            path,
        };
        command.SetAction(async (parsed, stop) =>
        {
            TextWriter output = parsed.InvocationConfiguration.Output;
            AppManifest app = AppSource.Read(parsed.GetRequiredValue(path));
            ComponentManifest[] built = [.. app.Components.Where(component => component.BuildCommand is not null)];
            if (built.Length == 0)
            {
                throw CommandException.Failed($"{parsed.GetRequiredValue(path)}: no component has a build.command");
            }

            foreach (ComponentManifest component in built)
            {
                await ComponentBuild.RunAsync(component, parsed.InvocationConfiguration.Error, stop).ConfigureAwait(false);
                await output.WriteLineAsync(
                    $"built {component.Name}: {Path.GetRelativePath(app.Folder, component.Source)}, {new FileInfo(component.Source).Length} bytes")
                    .ConfigureAwait(false);
            }

            return ExitCode.Success;
        });
        return command;
    }
}
