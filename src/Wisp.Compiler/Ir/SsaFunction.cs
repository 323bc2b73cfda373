using Wisp.Wasm.Model;

namespace Wisp.Compiler.Ir;

// A function in SSA form with block parameters, in flat arrays that are reset, never reallocated, between functions.
//
//   Insts   [ ... block 0's ... | ... block 3's ... | ... ]     a block's instructions are the range [First, End);
//                                                                  parameters are Param instructions, wherever they stand
//   Lists   [ call arguments, edge arguments, block parameters: all as runs of value ids ]
//   Edges   one per branch target: to which block, with which arguments
//   Order   the blocks in the order of the code; Order[0] is the entry, block 0
//
// 1. A value's definition dominates its uses: an instruction's operands are defined earlier in its block, in a dominating
//    block, or are parameters of either.
// 2. An edge has as many arguments as its target has parameters, of the same types.
// 3. After CriticalEdges ran, an edge whose source has several successors leads to a block with one predecessor.
// 4. Nop instructions may stand anywhere; nothing refers to them.
// 5. Blocks that no edge reaches are not in Order.

/// <summary>A block: a range of instructions and its parameters.</summary>
internal struct Block
{
    public int First;
    public int End;
    public int ParamStart;    // in SsaFunction.Lists, values of the Param instructions
    public int ParamCount;
    public int LoopDepth;
    public bool IsLoopHeader;
    public bool IsCold;       // leads to a trap or a slow path only
}

/// <summary>A branch to a block.</summary>
internal struct Edge
{
    public int Target;
    public int ArgStart;      // in SsaFunction.Lists
    public int ArgCount;
}

/// <summary>A function in SSA form.</summary>
internal sealed class SsaFunction
{
    public GrowableArray<Inst> Insts = new();

    /// <summary>Per instruction, the offset in the module's bytes that it comes from; traps report it.</summary>
    public GrowableArray<int> SourceOffsets = new();

    public GrowableArray<int> Lists = new();
    public GrowableArray<Block> Blocks = new();
    public GrowableArray<Edge> Edges = new();
    public GrowableArray<int> Order = new();
    public GrowableArray<UInt128> Vectors = new();

    /// <summary>The function, for messages and relocations.</summary>
    public FuncIndex Function { get; set; }

    /// <summary>Its type; block 0's parameters are its parameters.</summary>
    public FunctionType Type { get; set; } = new([], []);

    /// <summary>Whether it makes no call at all, neither of functions nor of builtins.</summary>
    public bool IsLeaf { get; set; }

    public ReadOnlySpan<int> List(int start, int count) => Lists.Span.Slice(start, count);

    public ReadOnlySpan<int> Params(int block) => List(Blocks[block].ParamStart, Blocks[block].ParamCount);

    public ReadOnlySpan<int> Args(in Edge edge) => List(edge.ArgStart, edge.ArgCount);

    public void Reset()
    {
        Insts.Clear();
        SourceOffsets.Clear();
        Lists.Clear();
        Blocks.Clear();
        Edges.Clear();
        Order.Clear();
        Vectors.Clear();
        IsLeaf = false;
    }
}
