using Wisp.Abi;
using Wisp.Cli.Scripts;

namespace Wisp.Spec.Tests;

/// <summary>The specification's test suite, compiled and run.</summary>
public sealed class ExecutionTests(ExecutionTests.Totals totals) : IClassFixture<ExecutionTests.Totals>
{
    public static TheoryData<string> Scripts => [.. Suite.Scripts()];

    [Theory]
    [MemberData(nameof(Scripts))]
    public void AssertionsHold(string script)
    {
        ScriptReport report = ScriptRunner.Run(totals.Engine, script, Suite.Read(script));
        totals.Add(report);
        Check(script, report);
    }

    [Theory]
    [MemberData(nameof(Scripts))]
    public void AssertionsHoldWhereEachAccessIsCompared(string script) =>
        Check(script, ScriptRunner.Run(totals.EngineWithoutGuards, script, Suite.Read(script)));

    /// <summary>Those with vectors, which are compiled otherwise where the processor has less.</summary>
    public static TheoryData<string> VectorScripts => [.. Suite.Scripts().Where(IsOfVectors)];

    [Theory]
    [MemberData(nameof(VectorScripts))]
    public void AssertionsHoldWithoutAvx(string script) => Check(script, ScriptRunner.Run(totals.EngineOfBaseline, script, Suite.Read(script)));

    [Theory]
    [MemberData(nameof(VectorScripts))]
    public void AssertionsHoldWithoutAvx2(string script)
    {
        Assert.SkipUnless(System.Runtime.Intrinsics.X86.Avx.IsSupported, "the processor has no AVX");
        Check(script, ScriptRunner.Run(totals.EngineOfAvx, script, Suite.Read(script)));
    }

    private static bool IsOfVectors(string script) =>
        script.StartsWith("simd_", StringComparison.Ordinal) || script.Contains("relaxed", StringComparison.Ordinal);

    [Fact]
    public void EveryExceptionIsAScriptOfTheSuite()
    {
        string[] scripts = [.. Suite.Scripts()];
        Suite.Read(scripts[0]);
        Assert.Empty(SupportedScripts.ForNow.Keys.Except(scripts));
        Assert.Empty(SupportedScripts.ForGood.Keys.Except(scripts));
    }

    private static void Check(string script, ScriptReport report)
    {
        string faults = $"{report}\n{string.Join('\n', report.Faults)}";

        Assert.True(report.Failed == SupportedScripts.ForGood.GetValueOrDefault(script).Assertions, faults);
        if (SupportedScripts.ReasonToSkip(script) is null)
        {
            Assert.True(report.Skipped == 0, faults);
        }
        else
        {
            TestContext.Current.TestOutputHelper?.WriteLine(faults);
        }
    }

    /// <summary>The engines of all scripts, and what the scripts come to.</summary>
    public sealed class Totals : IDisposable
    {
        private int _passed;
        private int _failed;
        private int _skipped;

        // Each phase of the compiler is verified in tests.
        public Totals() => Environment.SetEnvironmentVariable("WISP_VERIFY", "1");

        internal Engine Engine { get; } = new();

        // Without guards most accesses have a jump: the engine in which padding comes up most.
        internal Engine EngineWithoutGuards { get; } = WithPaddedJumps(new EngineOptions { MemoryBounds = MemoryBounds.Explicit });

        internal Engine EngineOfBaseline { get; } = new() { Features = CpuFeatures.None };

        internal Engine EngineOfAvx { get; } = new() { Features = CpuFeatures.Avx };

        private static Engine WithPaddedJumps(EngineOptions options)
        {
            using var engine = new Engine(options);
            return new Engine(options) { Features = engine.Features | CpuFeatures.PaddedJumps };
        }

        internal void Add(ScriptReport report)
        {
            _passed += report.Passed;
            _failed += report.Failed;
            _skipped += report.Skipped;
        }

        public void Dispose()
        {
            Console.WriteLine($"specification suite: passed {_passed}, failed {_failed}, skipped {_skipped}");
            Engine.Dispose();
            EngineWithoutGuards.Dispose();
            EngineOfBaseline.Dispose();
            EngineOfAvx.Dispose();
        }
    }
}
