using Wisp.Bench.Kernels;
using Wisp.Bench.Measuring;

namespace Wisp.Bench.Tables;

/// <summary>Run time of the kernels: same module, same argument, results checked equal.</summary>
internal static class KernelTable
{
    public const string Name = "run time of kernels";

    public static void Run(BenchContext context)
    {
        List<IKernelEngine> engines = [new InProcessKernels(context.Wisp)];
        if (!context.IsAlone)
        {
            engines.Add(new InProcessKernels(context.Peer));
        }

        if (context.HasV8)
        {
            engines.Add(new V8Kernels());
        }

        if (context.HasNative)
        {
            engines.Add(new NativeKernels());
        }

        context.Table.Begin(Name, Quantity.Nanoseconds, engines.Skip(1).Select(engine => engine.Name).ToArray());
        foreach (Kernel kernel in Kernel.All(context.Filter))
        {
            context.Table.Add(Compare(kernel, engines, context.Budget));
        }

        context.Table.End(Name);
    }

    private static Row Compare(Kernel kernel, List<IKernelEngine> engines, Budget budget)
    {
        IKernelRunner[] runners = engines.Select(engine => engine.Prepare(kernel)).ToArray();
        try
        {
            long[] results = new long[runners.Length];
            double[][] times = Paired.Rounds(budget, Enumerable.Range(0, runners.Length).Select(side => (Func<long>)(() =>
            {
                (long nanoseconds, results[side]) = runners[side].Run(kernel.Argument);
                return nanoseconds;
            })).ToArray());
            for (int side = 1; side < results.Length; side++)
            {
                if (results[side] != results[0])
                {
                    throw new InvalidOperationException(
                        $"{kernel.Name}({kernel.Argument}): wisp says 0x{results[0]:x}, {engines[side].Name} 0x{results[side]:x}");
                }
            }

            return new Row(Name, kernel.Name, times.Select(Cell.Of).ToArray());
        }
        finally
        {
            foreach (IKernelRunner runner in runners)
            {
                runner.Dispose();
            }
        }
    }
}
