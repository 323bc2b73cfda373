using System.CommandLine;
using Wisp.Host.Manifests;

namespace Wisp.Cli.Commands;

/// <summary><c>wisp schema</c>: what may stand in a manifest, for editors.</summary>
internal static class SchemaCommand
{
    public static Command Create()
    {
        var tests = new Option<bool>("--tests") { Description = "The schema of the files of wisp test instead." };
        var command = new CommandWithExamples(
            "schema",
            "Print the JSON schema of wisp.toml, by which editors complete and check it.",
            """
            wisp schema > wisp.schema.json
            wisp schema --tests > wisp-tests.schema.json
            """)
        {
            tests,
        };
        command.SetAction(parsed =>
        {
            parsed.InvocationConfiguration.Output.WriteLine(parsed.GetValue(tests)
                ? ManifestSchema.Of(ManifestKeys.Tests, "Tests of a Wisp app")
                : ManifestSchema.Of(ManifestKeys.App, "A Wisp app (wisp.toml)"));
            return ExitCode.Success;
        });
        return command;
    }
}
