using System.Globalization;
using System.Runtime.InteropServices;

namespace Wisp.Bench.Measuring;

/// <summary>What the figures were measured on, and how much else it had to do.</summary>
internal sealed class Machine
{
    private const double Quiet = 0.8;   // idle share from which a run is called quiet

    private readonly List<(string Name, string Value)> _facts = [];
    private readonly double _idleBefore = IdleShareNow();
    private readonly long _startIdle;
    private readonly long _startTotal;

    public Machine()
    {
        _facts.Add(("date", DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)));
        _facts.Add(("processor", Processor()));
        _facts.Add(("processors", Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture)));
        _facts.Add(("system", RuntimeInformation.OSDescription));
        _facts.Add(("runtime", RuntimeInformation.FrameworkDescription));
        _facts.Add(("load", File.ReadAllText("/proc/loadavg").Split(' ')[0]));
        _facts.Add(("idle", Percent(_idleBefore)));
        (_startIdle, _startTotal) = Ticks();
    }

    /// <summary>What goes into the header and the JSON file.</summary>
    public IReadOnlyList<(string Name, string Value)> Facts => _facts;

    public void Add(string name, string value) => _facts.Add((name, value));

    public void PrintHeader()
    {
        Console.WriteLine(string.Join(", ", _facts.Where(fact => fact.Name is not ("date" or "load" or "idle")).Select(fact =>
            fact.Name is "processor" or "system" or "runtime" ? fact.Value : $"{fact.Name} {fact.Value}")));
        Console.WriteLine($"load {Fact("load")}, processors {Fact("idle")} idle before the run"
            + (_idleBefore < Quiet ? ": busy, so expect single rows to move by a tenth" : ""));
    }

    /// <summary>Says what else ran meanwhile: this program keeps one processor busy, others should have been idle.</summary>
    public void PrintFooter()
    {
        (long idle, long total) = Ticks();
        if (total > _startTotal)
        {
            double share = (double)(idle - _startIdle) / (total - _startTotal);
            double most = (Environment.ProcessorCount - 1.0) / Environment.ProcessorCount;
            _facts.Add(("idleMeanwhile", Percent(share)));
            Console.WriteLine($"\nprocessors {Percent(share)} idle meanwhile (at most {Percent(most)} beside one that measures)");
        }
    }

    private string Fact(string name) => _facts.First(fact => fact.Name == name).Value;

    private static double IdleShareNow()
    {
        (long idleBefore, long totalBefore) = Ticks();
        Thread.Sleep(300);
        (long idle, long total) = Ticks();
        return total == totalBefore ? 1 : (double)(idle - idleBefore) / (total - totalBefore);
    }

    // The first line of /proc/stat: cpu user nice system idle iowait irq softirq steal …
    private static (long Idle, long Total) Ticks()
    {
        long[] ticks = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..9]
            .Select(text => long.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        return (ticks[3] + ticks[4], ticks.Sum());
    }

    private static string Processor()
    {
        string? line = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal));
        return line is null ? RuntimeInformation.ProcessArchitecture.ToString() : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }

    private static string Percent(double share) => (share * 100).ToString("0", CultureInfo.InvariantCulture) + " %";
}
