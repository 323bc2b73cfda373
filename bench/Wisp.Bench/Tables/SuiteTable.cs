using Wisp.Bench.Measuring;
using Wisp.Bench.Suites;

namespace Wisp.Bench.Tables;

/// <summary>Run time of a suite's programs between their marks, in every engine at hand, outputs checked.</summary>
internal static class SuiteTable
{
    public const string Name = "run time of the suite";

    /// <summary>Runs all; false when one of our outputs was wrong.</summary>
    public static bool Run(RatioTable table, IReadOnlyList<ISuiteEngine> engines, IReadOnlyList<string> folders, Budget budget, string? filter)
    {
        bool isRight = true;
        table.Begin(Name, Quantity.Nanoseconds, engines.Skip(1).Select(engine => engine.Name).ToArray());
        foreach (SuiteProgram program in SuiteProgram.In(folders, filter))
        {
            var comparison = new SuiteComparison(program, engines);
            table.Add(comparison.Run(Name, budget));
            isRight &= !comparison.IsWrong;
        }

        table.End(Name);
        return isRight;
    }
}
