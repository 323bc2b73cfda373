namespace Wisp;

/// <summary>How an engine keeps accesses inside a linear memory.</summary>
public enum MemoryBounds
{
    /// <summary>Guard pages where the process may reserve address space, else comparisons.</summary>
    Automatic,

    /// <summary>Guard pages: 4 GiB of address space reserved for each memory, no instruction spent on checks.</summary>
    Guarded,

    /// <summary>A comparison before each access; memories take no more address space than they need.</summary>
    Explicit,
}

/// <summary>Settings of an <see cref="Engine"/>, read once when it is made.</summary>
public sealed class EngineOptions
{
    /// <summary>How accesses are kept inside a memory. Default: automatic.</summary>
    public MemoryBounds MemoryBounds { get; set; }

    /// <summary>Bytes of a guest stack, unless the store's limits say less. Default: 1 MiB (1,048,576). At least 128 KiB.</summary>
    public int StackBytes { get; set; } = 1 << 20;

    /// <summary>Threads that compile a module at once. Default: the number of processors.</summary>
    public int CompileParallelism { get; set; } = Environment.ProcessorCount;

    /// <summary>How many idle memory slots are kept for new instances. Default: 1,000. Zero keeps none.</summary>
    public int MaxPooledSlots { get; set; } = 1000;

    /// <summary>How many idle guest stacks are kept for new calls. Default: 1,000. Zero keeps none but one per thread.</summary>
    public int MaxPooledStacks { get; set; } = 1000;

    /// <summary>Told why the engine did something else than asked for, as when address space is short. Default: null, nobody.</summary>
    public Action<string>? OnMessage { get; set; }
}
