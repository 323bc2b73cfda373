namespace Wisp.Compiler.Allocation;

/// <summary>Which allocator compiles a function.</summary>
internal enum AllocatorChoice
{
    /// <summary>The bundle allocator, or the fast one for functions beyond its budget.</summary>
    Auto,

    /// <summary>Always the fast one.</summary>
    Fast,
}
