using System.Diagnostics;
using Wisp.Fuzz.Generators;
using Wisp.Fuzz.Oracles;

namespace Wisp.Fuzz.Targets;

/// <summary>A module is valid here exactly when it is in Wasmtime.</summary>
public sealed class ValidityAgrees
{
    // Small modules, so that a change is likely to hit what matters.
    private const int MaxModuleBytes = 4000;

    [Fact]
    public void MutantsAreValidExactlyWhenWasmtimeSaysSo()
    {
        ModuleCorpus corpus = ModuleCorpus.Load(MaxModuleBytes);
        if (corpus.Count == 0)
        {
            Assert.Skip("no modules of the suites; set WISP_SUITES");
        }

        var mutator = new ModuleMutator(corpus);
        using var theirs = new ValidityOracle();
        int valid = 0;
        for (int seed = 0; seed < 10_000; seed++)
        {
            valid += Check(mutator, theirs, seed) ? 1 : 0;
        }

        Assert.InRange(valid, 500, 9_500);

        // New seeds only on demand: Wasmtime's limits are not ours, and a test should not fail for one of them once a year.
        int more = Environment.TickCount;
        TimeSpan time = FuzzTime.OnDemand();
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < time;)
        {
            Check(mutator, theirs, unchecked(more++));
        }
    }

    private static bool Check(ModuleMutator mutator, ValidityOracle theirs, int seed)
    {
        Mutant mutant = mutator.Blend(seed);
        ModuleOutcome ours = ModuleOracle.Check(mutant.Bytes);
        string? refusal = theirs.Refusal(mutant.Bytes);
        Assert.True(
            ours == ModuleOutcome.Valid == refusal is null,
            $"seed {seed}: {mutant.Origin}, {mutant.Change}: {ours} here, in Wasmtime {refusal ?? "valid"}");
        return refusal is null;
    }
}
