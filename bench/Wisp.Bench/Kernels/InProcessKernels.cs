using Wisp.Bench.Engines;
using Wisp.Bench.Measuring;

namespace Wisp.Bench.Kernels;

/// <summary>Kernels in an engine of this process.</summary>
internal sealed class InProcessKernels(IEngine engine) : IKernelEngine
{
    public string Name => engine.Name;

    public IKernelRunner Prepare(Kernel kernel) => new Runner(engine.Compile(kernel.Wasm));

    private sealed class Runner(ICompiledModule module) : IKernelRunner
    {
        public (long Nanoseconds, long Result) Run(int n)
        {
            using IRunningInstance instance = module.Instantiate();
            long start = CpuClock.ThreadNanoseconds;
            long result = instance.Run(n);
            return (CpuClock.ThreadNanoseconds - start, result);
        }

        public void Dispose() => module.Dispose();
    }
}
