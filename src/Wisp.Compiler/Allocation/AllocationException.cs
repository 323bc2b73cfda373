namespace Wisp.Compiler.Allocation;

/// <summary>An allocation that would not compute what the function says: a bug of an allocator.</summary>
internal sealed class AllocationException(string message) : Exception(message);
