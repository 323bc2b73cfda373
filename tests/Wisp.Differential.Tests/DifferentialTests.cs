using System.Globalization;
using Wisp.Abi;

namespace Wisp.Differential.Tests;

/// <summary>Random modules do in Wisp what they do in Wasmtime: results, traps, host calls and memory.</summary>
/// <remarks>
/// WISP_DIFFERENTIAL_FIRST and WISP_DIFFERENTIAL_COUNT choose the seeds; a difference names its seed.
/// </remarks>
public sealed class DifferentialTests
{
    [Fact]
    public void GeneratedModulesBehaveAsInWasmtime()
    {
        if (!GeneratedModules.IsAvailable)
        {
            Assert.Skip("wasm-opt is not on the PATH (Debian: apt-get install binaryen)");
        }

        int first = FromEnvironment("WISP_DIFFERENTIAL_FIRST", 1);
        int count = FromEnvironment("WISP_DIFFERENTIAL_COUNT", 60);
        using var ours = new Engine();
        using var padding = new Engine { Features = ours.Features | CpuFeatures.PaddedJumps };
        using var theirs = new Wasmtime.Engine();
        var differences = new List<string>();
        int compared = 0;
        for (int seed = first; seed < first + count; seed++)
        {
            if (GeneratedModules.Make(seed) is not byte[] wasm)
            {
                continue;
            }

            Observation expected = WasmtimeRun.Observe(theirs, wasm);
            Observation actual = WispRun.Observe(seed % 2 == 0 ? padding : ours, wasm);
            compared++;
            if (Observation.Difference(actual, expected) is string difference)
            {
                differences.Add($"seed {seed} ({wasm.Length} bytes): {difference}");
            }
        }

        Assert.True(differences.Count == 0, string.Join('\n', differences));
        Assert.True(compared > count / 2, $"only {compared} of {count} seeds made a module");
    }

    internal static int FromEnvironment(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out int value) ? value : otherwise;
}
