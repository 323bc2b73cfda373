using Wisp.Bench.Engines;
using Wisp.Bench.Measuring;

namespace Wisp.Bench.Tables;

/// <summary>Run time and compile time of the kernels: same module, same argument, results checked equal.</summary>
internal static class KernelTable
{
    public static void Run(BenchContext context)
    {
        const string Table = "run time of kernels";
        context.Table.Begin(Table);
        foreach (Kernel kernel in Kernels(context.Filter))
        {
            using ICompiledModule ours = context.Wisp.Compile(kernel.Wasm);
            using ICompiledModule theirs = context.Peer.Compile(kernel.Wasm);
            long ourResult = 0;
            long theirResult = 0;
            (long wisp, long peer) = Paired.Minimum(
                context.Rounds,
                () => Timed(ours, kernel.Argument, out ourResult),
                () => Timed(theirs, kernel.Argument, out theirResult));
            if (ourResult != theirResult)
            {
                throw new InvalidOperationException(
                    $"{kernel.Name}({kernel.Argument}): wisp says 0x{ourResult:x}, {context.Peer.Name} 0x{theirResult:x}");
            }

            context.Table.Add(new Row(Table, kernel.Name, wisp, peer));
        }

        context.Table.End(Table);
    }

    public static IEnumerable<Kernel> Kernels(string? filter)
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "kernels");
        foreach (string line in File.ReadLines(Path.Combine(folder, "kernels.txt")))
        {
            string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 2 || fields[0] == "#" || (filter is not null && !fields[0].Contains(filter, StringComparison.Ordinal)))
            {
                continue;
            }

            yield return new Kernel(
                fields[0],
                int.Parse(fields[1], System.Globalization.CultureInfo.InvariantCulture),
                File.ReadAllBytes(Path.Combine(folder, fields[0] + ".wasm")));
        }
    }

    // A fresh instance each time: kernels keep state, and both sides must start from the same.
    private static long Timed(ICompiledModule module, int argument, out long result)
    {
        using IRunningInstance instance = module.Instantiate();
        long start = CpuClock.ThreadNanoseconds;
        result = instance.Run(argument);
        return CpuClock.ThreadNanoseconds - start;
    }
}

/// <summary>A kernel of bench/kernels.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Argument">The argument of one timed run.</param>
/// <param name="Wasm">Its module.</param>
internal sealed record Kernel(string Name, int Argument, byte[] Wasm);
