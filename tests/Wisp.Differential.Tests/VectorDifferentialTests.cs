using System.Runtime.Intrinsics.X86;
using Wisp.Abi;

namespace Wisp.Differential.Tests;

/// <summary>Vector instructions do in Wisp what they do in Wasmtime, whatever the processor has.</summary>
public sealed class VectorDifferentialTests
{
    [Fact]
    public void VectorModulesBehaveAsInWasmtime()
    {
        int first = DifferentialTests.FromEnvironment("WISP_DIFFERENTIAL_FIRST", 1);
        int count = DifferentialTests.FromEnvironment("WISP_DIFFERENTIAL_COUNT", 60);
        using var theirs = new Wasmtime.Engine();
        var engines = new List<Engine> { new(), new() { Features = CpuFeatures.None } };
        if (Avx.IsSupported)
        {
            engines.Add(new Engine { Features = CpuFeatures.Avx });
        }

        var differences = new List<string>();
        for (int seed = first; seed < first + count; seed++)
        {
            byte[] wasm = VectorModules.Make(seed);
            Observation expected = WasmtimeRun.Observe(theirs, wasm);
            foreach (Engine engine in engines)
            {
                if (Observation.Difference(WispRun.Observe(engine, wasm), expected) is string difference)
                {
                    differences.Add($"seed {seed} with {engine.Features}: {difference}");
                }
            }
        }

        engines.ForEach(engine => engine.Dispose());
        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }
}
