using System.Text.Json;
using Wisp.Permissions;

namespace Wisp.Wasi.Tests;

/// <summary>The official cases of preview 1, each on a fresh copy of its directory. There is no exception.</summary>
public sealed class WasiSuiteTests
{
    private static readonly string Folder = Suites.PathOf("wasi-testsuite");

    public static TheoryData<string> Cases => Suites.Rows(Folder, "*.wasm");

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task CaseOfTheSuitePasses(string name)
    {
        Suites.SkipWhenMissing(name, Folder);
        string wasm = Path.Combine(Folder, name);
        string description = Path.ChangeExtension(wasm, ".json");
        using JsonDocument json = JsonDocument.Parse(File.Exists(description) ? File.ReadAllText(description) : "{}");
        using FreshCopies copies = new(Path.GetDirectoryName(wasm)!);

        ProgramRun run = await ProgramRun.Start(wasm, Texts(json, "args"), grant =>
        {
            foreach (string directory in Texts(json, "dirs"))
            {
                grant.AddDirectory(copies.Make(directory), directory, DirectoryAccess.ReadWrite);
            }

            if (json.RootElement.TryGetProperty("env", out JsonElement variables))
            {
                foreach (JsonProperty variable in variables.EnumerateObject())
                {
                    grant.AddEnvironment(variable.Name, variable.Value.GetString());
                }
            }
        });

        long expected = json.RootElement.TryGetProperty("exit_code", out JsonElement code) ? code.GetInt64() : 0;
        Assert.True(run.ExitCode == expected,
            $"exit code {run.ExitCode}, not {expected}\n{run.Error}\n{string.Join('\n', run.Denials)}");
        if (json.RootElement.TryGetProperty("stdout", out JsonElement output))
        {
            Assert.Equal(output.GetString(), run.Output);
        }
    }

    private static IEnumerable<string> Texts(JsonDocument json, string name) =>
        json.RootElement.TryGetProperty(name, out JsonElement texts)
            ? texts.EnumerateArray().Select(text => text.GetString()!) : [];
}
