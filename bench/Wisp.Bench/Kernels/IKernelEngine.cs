namespace Wisp.Bench.Kernels;

/// <summary>Something that runs kernels.</summary>
internal interface IKernelEngine
{
    string Name { get; }

    IKernelRunner Prepare(Kernel kernel);
}

/// <summary>A kernel made ready in an engine.</summary>
internal interface IKernelRunner : IDisposable
{
    /// <summary>CPU time and result of <c>run(n)</c> from a fresh state: kernels keep some, and all must start from the same.</summary>
    (long Nanoseconds, long Result) Run(int n);
}
