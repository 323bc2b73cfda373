using System.Text;
using System.Text.RegularExpressions;
using Wisp.Bench.Measuring;

namespace Wisp.Bench.Suites;

/// <summary>One program in every engine: first whether each runs it and what it writes, then its time in turns.</summary>
internal sealed partial class SuiteComparison(SuiteProgram program, IReadOnlyList<ISuiteEngine> engines)
{
    // Below this the marks of the clock are most of what is measured.
    private const double LeastNanoseconds = 20_000;

    private readonly ISuiteProgramRunner?[] _runners = new ISuiteProgramRunner?[engines.Count];
    private readonly string?[] _refusals = new string?[engines.Count];
    private readonly SuiteRun?[] _runs = new SuiteRun?[engines.Count];

    /// <summary>Whether our own engine wrote something else than it should have.</summary>
    public bool IsWrong { get; private set; }

    public Row Run(string table, Budget budget)
    {
        try
        {
            // A program that we do not run has no ratio; why not is all there is to say.
            if (TryOnce(0))
            {
                for (int engine = 1; engine < engines.Count; engine++)
                {
                    TryOnce(engine);
                }
            }

            string? note = CompareOutputs();
            return Time(table, budget) with { Note = note };
        }
        finally
        {
            foreach (ISuiteProgramRunner? runner in _runners)
            {
                runner?.Dispose();
            }
        }
    }

    private bool TryOnce(int engine)
    {
        // An engine that refuses a program must not end the table: what it said stands below it.
        try
        {
            _runners[engine] = engines[engine].Prepare(program);
            _runs[engine] = InCopy(_runners[engine]!);
            return true;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            _refusals[engine] = FirstLine(e.Message);
            return false;
        }
    }

    // Against the expected files where there are some, else between the engines.
    private string? CompareOutputs()
    {
        string? note = null;
        for (int engine = 0; engine < engines.Count; engine++)
        {
            if (_runs[engine] is { } run && Expected() && !IsExpected(run))
            {
                Refuse(engine, $"wrote {run.Output.Length} and {run.Error.Length} bytes that are not the expected ones");
            }
            else if (engine > 0 && _runs[0] is { } ours && _runs[engine] is { } theirs && !ours.Output.AsSpan().SequenceEqual(theirs.Output))
            {
                if (WithoutNumbers(ours.Output) == WithoutNumbers(theirs.Output))
                {
                    note = "it writes times, so outputs were compared without their numbers";
                }
                else
                {
                    Refuse(engine, $"wrote {theirs.Output.Length} bytes that differ from the {ours.Output.Length} that wisp wrote");
                    IsWrong |= !Expected();
                }
            }
        }

        return note;
    }

    private bool Expected() => program.ExpectedOutput is not null || program.ExpectedError is not null;

    private bool IsExpected(SuiteRun run) =>
        (program.ExpectedOutput is null || run.Output.AsSpan().SequenceEqual(program.ExpectedOutput))
        && (program.ExpectedError is null || run.Error.AsSpan().SequenceEqual(program.ExpectedError));

    private void Refuse(int engine, string reason)
    {
        _refusals[engine] = reason;
        _runs[engine] = null;
        IsWrong |= engine == 0;
    }

    private Row Time(string table, Budget budget)
    {
        int[] able = [];
        double[][] times = [];
        bool isDone = false;
        while (!isDone)
        {
            able = Enumerable.Range(0, engines.Count).Where(engine => _runs[engine] is not null).ToArray();
            isDone = TryRounds(budget, able, out times);
        }

        var cells = new Cell[engines.Count];
        for (int engine = 0; engine < cells.Length; engine++)
        {
            int place = Array.IndexOf(able, engine);
            cells[engine] = place >= 0 && times.Length > 0 ? Cell.Of(times[place])
                : _runs[engine] is { } run ? Cell.Of(run.Nanoseconds)
                : new Cell(double.NaN, [], _refusals[engine]);
        }

        bool isShort = cells.All(cell => !cell.HasValue || cell.Value < LeastNanoseconds) && cells[0].HasValue;
        return new Row(table, program.Name, cells)
        {
            LeftOut = isShort ? $"in no mean: less than {LeastNanoseconds / 1000:0} us, which is mostly the clock" : null,
        };
    }

    // False when an engine failed in a later run than its first: the others are timed again without it.
    private bool TryRounds(Budget budget, int[] able, out double[][] times)
    {
        times = [];
        int current = -1;
        try
        {
            // Alone beside peers that all refuse, the one run that showed its output is enough.
            if (_runs[0] is not null && (able.Length > 1 || engines.Count == 1))
            {
                times = Paired.Rounds(budget, able.Select(engine => (Func<long>)(() =>
                {
                    current = engine;
                    return InCopy(_runners[engine]!).Nanoseconds;
                })).ToArray());
            }

            return true;
        }
        catch (Exception e) when (current >= 0 && e is not OutOfMemoryException)
        {
            Refuse(current, FirstLine(e.Message));
            return false;
        }
    }

    // Every run gets fresh inputs: a program may write into its directory.
    private SuiteRun InCopy(ISuiteProgramRunner runner)
    {
        string copy = Directory.CreateTempSubdirectory("wisp-bench-").FullName;
        try
        {
            foreach (string file in Directory.EnumerateFiles(program.Folder))
            {
                if (!file.EndsWith(".wasm", StringComparison.Ordinal) && !file.EndsWith(".expected", StringComparison.Ordinal))
                {
                    File.WriteAllBytes(Path.Combine(copy, Path.GetFileName(file)), File.ReadAllBytes(file));
                }
            }

            return runner.Run(copy);
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    private static string WithoutNumbers(byte[] output) => Number().Replace(Encoding.Latin1.GetString(output), "0");

    private static string FirstLine(string text) => text.Split('\n', 2)[0].Trim() is { Length: > 160 } line ? line[..160] : text.Split('\n', 2)[0].Trim();

    [GeneratedRegex(@"\d+(\.\d+)?")]
    private static partial Regex Number();
}
