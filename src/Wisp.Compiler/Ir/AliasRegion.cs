namespace Wisp.Compiler.Ir;

// An access touches exactly one region; accesses to different regions never overlap. The number is kind * 2^24 + index.
//
// A call, a builtin or a check for interruption, which may suspend the guest, forgets every region but ReadOnly. memory.grow changes MemoryRecord (the length), never the base of a
// memory in its slot.

/// <summary>A part of memory that no access of another region overlaps.</summary>
/// <param name="Bits">Kind in the upper 8 bits, index below.</param>
internal readonly record struct AliasRegion(int Bits)
{
    private const int IndexBits = 24;

    /// <summary>What never changes while the instance lives: import pointers, type ids, FuncRefs, bases that do not move, imported globals that
    /// are immutable, and tables that nobody writes to: their element pointers and their elements.</summary>
    public static readonly AliasRegion ReadOnly = new(0);

    public static AliasRegion Memory(int memory) => new((1 << IndexBits) | memory);

    /// <summary>A memory's base and length.</summary>
    public static AliasRegion MemoryRecord(int memory) => new((2 << IndexBits) | memory);

    /// <summary>The elements of all tables that may change.</summary>
    public static readonly AliasRegion TableElements = new(3 << IndexBits);

    /// <summary>A table's element pointer and length.</summary>
    public static AliasRegion TableRecord(int table) => new((4 << IndexBits) | table);

    /// <summary>A global of the instance itself that cannot be reached through an import.</summary>
    public static AliasRegion Global(int global) => new((5 << IndexBits) | global);

    /// <summary>All imported globals: two imports may be one global, and one may be an own, exported global of another instance.</summary>
    public static readonly AliasRegion ImportedGlobals = new(6 << IndexBits);

    public bool IsLinearMemory => Kind == 1;

    public int Kind => Bits >> IndexBits;

    public int Index => Bits & ((1 << IndexBits) - 1);
}
