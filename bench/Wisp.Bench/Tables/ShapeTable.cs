using System.Globalization;
using Wisp.Bench.Compiling;
using Wisp.Bench.Engines;
using Wisp.Bench.Measuring;

namespace Wisp.Bench.Tables;

/// <summary>Compile time of adversarial shapes at n, 2n and 4n: what grows faster than its size is named.</summary>
internal static class ShapeTable
{
    // The time at 4n by that at n is 4 when the work grows with the size. Caches and arrays that grow make it a little more.
    private const double SuperlinearGrowth = 6;

    // First a module of a hundredth, so that no time has this program's own compilation in it.
    private const int WarmUp = 100;

    private static readonly int[] Factors = [1, 2, 4];

    public static bool Run(BenchContext context, bool withPeer)
    {
        const string Table = "compile time of shapes";
        Console.WriteLine($"\n{Table,-40}{"n",9}{"at n",12}{"at 2n",12}{"at 4n",12}{"4n / n",9}{(withPeer ? "wasmtime 4n" : ""),14}");
        bool isLinear = true;
        foreach (Shape shape in Shape.All)
        {
            if (context.Filter is not null && !shape.Name.Contains(context.Filter, StringComparison.Ordinal))
            {
                continue;
            }

            context.Wisp.Compile(shape.Wasm(shape.Count / WarmUp)).Dispose();
            string line = $"{shape.Name,-40}{shape.Count.ToString(CultureInfo.InvariantCulture),9}";
            double[] times = Times(context, context.Wisp, shape, out string? refusal);
            line += string.Concat(times.Select(time => Quantity.Nanoseconds.Text(time).PadLeft(12)));
            if (refusal is null)
            {
                double growth = times[2] / times[0];
                isLinear &= growth < SuperlinearGrowth;
                line += growth.ToString("0.0", CultureInfo.InvariantCulture).PadLeft(9) + (growth < SuperlinearGrowth ? "" : "  SUPERLINEAR");
            }
            else
            {
                line += "   refused: " + refusal;
            }

            if (withPeer)
            {
                line += Peer(context, shape).PadLeft(14);
            }

            Console.WriteLine(line);
        }

        return isLinear;
    }

    private static double[] Times(BenchContext context, IEngine engine, Shape shape, out string? refusal)
    {
        var times = new List<double>();
        refusal = null;
        foreach (int factor in Factors)
        {
            try
            {
                byte[] wasm = shape.Wasm(shape.Count * factor);
                double[][] rounds = Paired.Rounds(context.Budget, () => Time(engine, wasm));
                times.Add(rounds[0].Min());
            }
            catch (Wisp.Compiler.CompileException e)
            {
                refusal = $"at {factor} n, {e.Message}";
                break;
            }
        }

        return [.. times];
    }

    private static string Peer(BenchContext context, Shape shape)
    {
        try
        {
            return Quantity.Nanoseconds.Text(Time(context.Peer, shape.Wasm(shape.Count * Factors[^1])));
        }
        catch (Wasmtime.WasmtimeException)
        {
            return "refused";
        }
    }

    private static long Time(IEngine engine, byte[] wasm)
    {
        GC.Collect();
        long start = CpuClock.ProcessNanoseconds;
        engine.Compile(wasm).Dispose();
        return CpuClock.ProcessNanoseconds - start;
    }
}
