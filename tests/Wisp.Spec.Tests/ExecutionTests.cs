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

    [Fact]
    public void EveryExceptionIsAScriptOfTheSuite()
    {
        string[] scripts = [.. Suite.Scripts()];
        Suite.Read(scripts[0]);
        Assert.Empty(SupportedScripts.ForNow.Keys.Except(scripts));
        Assert.Empty(SupportedScripts.ForGood.Keys.Except(scripts));
    }

    /// <summary>The engine of all scripts, and what they come to.</summary>
    public sealed class Totals : IDisposable
    {
        private int _passed;
        private int _failed;
        private int _skipped;

        internal Engine Engine { get; } = new();

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
        }
    }
}
