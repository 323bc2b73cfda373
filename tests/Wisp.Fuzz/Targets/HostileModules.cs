using System.Diagnostics;
using Wisp.Fuzz.Generators;
using Wisp.Fuzz.Oracles;

namespace Wisp.Fuzz.Targets;

/// <summary>Real modules, cut off or with one byte changed, are decoded and validated or refused, and nothing else happens.</summary>
public sealed class HostileModules
{
    private const int MaxModuleBytes = 100_000;

    private static readonly Lazy<ModuleCorpus> Corpus = new(() => ModuleCorpus.Load(MaxModuleBytes));

    [Fact]
    public void TenThousandMutantsAreValidOrRefused()
    {
        ModuleMutator mutator = Mutator();
        int[] outcomes = new int[3];
        Parallel.For(0, 10_000, seed => Interlocked.Increment(ref outcomes[(int)Check(mutator, seed)]));

        // A mutator that only makes rubbish, or no rubbish at all, tests nothing.
        Assert.All(outcomes, count => Assert.InRange(count, 200, 9_600));
    }

    [Fact]
    public void NewMutantsAreValidOrRefused()
    {
        ModuleMutator mutator = Mutator();
        TimeSpan time = FuzzTime.Get();
        int seed = Environment.TickCount;
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < time;)
        {
            Check(mutator, unchecked(seed++));
        }
    }

    private static ModuleMutator Mutator()
    {
        if (Corpus.Value.Count == 0)
        {
            Assert.Skip("no modules of the suites; set WISP_SUITES");
        }

        return new ModuleMutator(Corpus.Value);
    }

    private static ModuleOutcome Check(ModuleMutator mutator, int seed)
    {
        Mutant mutant = mutator.Mutate(seed);
        try
        {
            return ModuleOracle.Check(mutant.Bytes);
        }
        catch (Exception fault)
        {
            throw new InvalidOperationException($"seed {seed}: {mutant.Origin}, {mutant.Change}", fault);
        }
    }
}
