using System.CommandLine;
using Wisp.Cli.Output;
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
        var format = new OutputOption(hasTables: false);
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
        format.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            TextWriter output = parsed.InvocationConfiguration.Output;
            AppManifest app = AppSource.Read(parsed.GetRequiredValue(path));
            ComponentManifest[] built = [.. app.Components.Where(component => component.BuildCommand is not null)];
            if (built.Length == 0)
            {
                // No failure: an app may be all text, and scripts that build every app go on.
                await parsed.InvocationConfiguration.Error.WriteLineAsync("wisp: nothing to build: no component has a build.command").ConfigureAwait(false);
            }

            var messages = new List<BuiltMessage>();
            foreach (ComponentManifest component in built)
            {
                await ComponentBuild.RunAsync(component, parsed.InvocationConfiguration.Error, stop).ConfigureAwait(false);
                var made = new BuiltMessage(
                    component.Name, Path.GetRelativePath(app.Folder, component.Source), new FileInfo(component.Source).Length);
                messages.Add(made);
                if (!format.IsJson(parsed))
                {
                    await output.WriteLineAsync($"built {made.Component}: {made.Source}, {made.Bytes} bytes").ConfigureAwait(false);
                }
            }

            if (format.IsJson(parsed))
            {
                await output.WriteLineAsync(OutputOption.ToJson(messages, CommandJson.Default.IReadOnlyListBuiltMessage)).ConfigureAwait(false);
            }

            return ExitCode.Success;
        });
        return command;
    }
}
