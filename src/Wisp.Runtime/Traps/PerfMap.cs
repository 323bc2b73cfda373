using System.Globalization;
using System.Text;

namespace Wisp.Traps;

// /tmp/perf-PID.map   https://github.com/torvalds/linux/blob/master/tools/perf/Documentation/jit-interface.txt
//   START SIZE NAME       one line a function, both numbers hexadecimal; the rest of the line is the name
//
// perf reads it when it reports, so lines are only added. Code that was unmapped keeps its lines: what takes its place later comes
// later in the file, and counts.

/// <summary>Tells perf the names of compiled functions, where <c>WISP_PERF_MAP=1</c> asks for it.</summary>
internal static class PerfMap
{
    private static readonly bool IsWanted = Environment.GetEnvironmentVariable("WISP_PERF_MAP") == "1";
    private static readonly Lock Gate = new();

    /// <summary>Adds a module's functions.</summary>
    public static void Add(Module module)
    {
        if (!IsWanted || module.Code.Text == 0)
        {
            return;
        }

        lock (Gate)
        {
            File.AppendAllText(Path.Combine("/tmp", $"perf-{Environment.ProcessId}.map"), Lines(module));
        }
    }

    /// <summary>The lines of a module.</summary>
    internal static string Lines(Module module)
    {
        var text = new StringBuilder();
        ReadOnlySpan<Wisp.Abi.Images.FunctionEntry> functions = module.Code.Image.Functions;
        for (int own = 0; own < functions.Length; own++)
        {
            int index = own + module.Definition.ImportedFunctionCount;
            text.Append(CultureInfo.InvariantCulture, $"{module.Code.EntryOf(own):x} {functions[own].Length:x} ");
            foreach (char c in $"{module.Name ?? "<unnamed>"}!{module.NameOf(index) ?? $"<function {index}>"}")
            {
                text.Append(char.IsControl(c) ? '?' : c);   // a guest's name adds no line
            }

            text.Append('\n');
        }

        return text.ToString();
    }
}
