using System.Globalization;
using System.Text.Json;
using Wisp.Bench.Engines;

namespace Wisp.Bench.Kernels;

/// <summary>Kernels in V8, in a child process.</summary>
internal sealed class V8Kernels : IKernelEngine
{
    public string Name => "v8";

    public IKernelRunner Prepare(Kernel kernel) => new Runner(NodeProcess.Start(kernel.Path));

    private sealed class Runner(PeerProcess node) : IKernelRunner
    {
        public (long Nanoseconds, long Result) Run(int n)
        {
            JsonElement answer = NodeProcess.Ask(node, new { run = n });
            return (
                answer.GetProperty("nanoseconds").GetInt64(),
                long.Parse(answer.GetProperty("result").GetString()!, CultureInfo.InvariantCulture));
        }

        public void Dispose() => node.Dispose();
    }
}
