namespace Wisp.Cli.Scripts;

/// <summary>What became of a script.</summary>
/// <param name="file">The script.</param>
internal sealed class ScriptReport(string file)
{
    private readonly List<string> _faults = [];

    /// <summary>The script.</summary>
    public string File => file;

    /// <summary>Assertions that hold.</summary>
    public int Passed { get; private set; }

    /// <summary>Assertions that do not hold, and modules and actions that should have worked.</summary>
    public int Failed { get; private set; }

    /// <summary>Directives that need what is not supported.</summary>
    public int Skipped { get; private set; }

    /// <summary>One line for each failure, and one for each reason to skip.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>Counts an assertion that holds.</summary>
    public void Pass() => Passed++;

    /// <summary>Counts a failure.</summary>
    /// <param name="line">The directive's line.</param>
    /// <param name="reason">What is wrong.</param>
    public void Fail(int line, string reason)
    {
        Failed++;
        _faults.Add($"{file}:{line}: failed: {reason}");
    }

    /// <summary>Counts a directive that cannot be run.</summary>
    /// <param name="line">The directive's line.</param>
    /// <param name="reason">Why.</param>
    /// <param name="isFirst">Whether this is the first directive that the reason concerns, so that it is noted.</param>
    public void Skip(int line, string reason, bool isFirst)
    {
        Skipped++;
        if (isFirst)
        {
            _faults.Add($"{file}:{line}: skipped: {reason}");
        }
    }

    /// <summary>The script's line in a listing.</summary>
    /// <returns>File and counts.</returns>
    public override string ToString() => $"{file}: passed {Passed}, failed {Failed}, skipped {Skipped}";
}
