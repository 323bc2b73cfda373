using System.Numerics;
using Wisp.Compiler.Machine;

namespace Wisp.Compiler.Allocation;

// One row of bits per block: the values live at its start, its own parameters not among them.
//
//   row of block b   [ word 0 | word 1 | ... ]     bit g: the value VregOf(g)
//
// 1. Only values used outside of their defining block have a bit ("global" values): about a fifth of all, so rows are short.
// 2. Live at the end of a block: the arguments of its edges, and what is live at the start of its successors.
// 3. Values are in SSA form, so from each use a walk up to the definition marks exactly the blocks between; nothing is iterated
//    to a fixed point. (Boissinot et al., "Computing Liveness Sets for SSA-Form Programs", 2011, section 5.)

/// <summary>Which values are live at the start of each block.</summary>
internal sealed class Liveness
{
    private const int None = -1;

    private readonly GrowableArray<int> _globals = new();
    private readonly GrowableArray<int> _pending = new();
    private int[] _globalOf = [];
    private int[] _definingBlock = [];
    private ulong[] _liveIn = [];
    private MachineFunction _function = null!;

    /// <summary>Words in a row.</summary>
    public int WordsPerBlock { get; private set; }

    /// <summary>Marked bits of all rows together.</summary>
    public long LiveInCount { get; private set; }

    /// <summary>Computes liveness.</summary>
    /// <param name="function">In SSA form.</param>
    /// <param name="maxWords">Budget for all rows together, in words of 8 bytes.</param>
    /// <param name="maxLiveIn">Budget for <see cref="LiveInCount"/>.</param>
    /// <returns>False, with nothing computed, when a budget would be exceeded.</returns>
    public bool TryCompute(MachineFunction function, long maxWords, long maxLiveIn = long.MaxValue)
    {
        _function = function;
        LiveInCount = 0;
        FindGlobals();
        WordsPerBlock = (_globals.Count + 63) / 64;
        long words = (long)WordsPerBlock * function.Blocks.Count;
        if (words > maxWords)
        {
            return false;
        }

        if (_liveIn.Length < words)
        {
            _liveIn = new ulong[Math.Max(words, _liveIn.Length * 2L)];
        }
        else
        {
            Array.Clear(_liveIn, 0, (int)words);
        }

        return MarkUses(maxLiveIn);
    }

    /// <summary>The block that defines a value, as an instruction's result or as its own parameter.</summary>
    public int DefiningBlock(int vreg) => _definingBlock[vreg];

    /// <summary>The value that a bit stands for.</summary>
    public int VregOf(int bit) => _globals[bit];

    /// <summary>The row of a block.</summary>
    public Span<ulong> LiveIn(int block) => _liveIn.AsSpan(block * WordsPerBlock, WordsPerBlock);

    public bool IsLiveIn(int block, int vreg)
    {
        int global = _globalOf[vreg];
        return global != None && (LiveIn(block)[global >> 6] >> (global & 63) & 1) != 0;
    }

    /// <summary>Appends the values live at the start of a block, in ascending order of their bits.</summary>
    public void AppendLiveIn(int block, GrowableArray<int> vregs)
    {
        Span<ulong> row = LiveIn(block);
        for (int w = 0; w < row.Length; w++)
        {
            for (ulong bits = row[w]; bits != 0; bits &= bits - 1)
            {
                vregs.Add(_globals[(w << 6) + BitOperations.TrailingZeroCount(bits)]);
            }
        }
    }

    private void FindGlobals()
    {
        int count = _function.Classes.Count;
        if (_globalOf.Length < count)
        {
            _globalOf = new int[Math.Max(count, _globalOf.Length * 2)];
            _definingBlock = new int[_globalOf.Length];
        }

        Array.Fill(_globalOf, None, 0, count);
        Array.Fill(_definingBlock, None, 0, count);
        _globals.Clear();
        Span<MachineBlock> blocks = _function.Blocks.Span;
        for (int b = 0; b < blocks.Length; b++)
        {
            foreach (int parameter in _function.Lists.Span.Slice(blocks[b].ParamStart, blocks[b].ParamCount))
            {
                _definingBlock[parameter] = b;
            }

            foreach (ref readonly MachineInst inst in _function.Insts.Span[blocks[b].First..blocks[b].End])
            {
                foreach (ref readonly Operand operand in _function.OperandsOf(inst))
                {
                    if (operand.IsDef)
                    {
                        _definingBlock[operand.Vreg] = b;
                    }
                }
            }
        }

        for (int b = 0; b < blocks.Length; b++)
        {
            foreach (ref readonly MachineInst inst in _function.Insts.Span[blocks[b].First..blocks[b].End])
            {
                foreach (ref readonly Operand operand in _function.OperandsOf(inst))
                {
                    AddGlobal(operand.Vreg, b);
                }
            }

            foreach (ref readonly MachineEdge edge in _function.Edges.Span.Slice(blocks[b].SuccessorStart, blocks[b].SuccessorCount))
            {
                foreach (int argument in _function.Lists.Span.Slice(edge.ArgStart, edge.ArgCount))
                {
                    AddGlobal(argument, b);
                }
            }
        }
    }

    private void AddGlobal(int vreg, int block)
    {
        if (_definingBlock[vreg] != block && _globalOf[vreg] == None)
        {
            _globalOf[vreg] = _globals.Add(vreg);
        }
    }

    private bool MarkUses(long maxLiveIn)
    {
        Span<MachineBlock> blocks = _function.Blocks.Span;
        for (int b = 0; b < blocks.Length; b++)
        {
            foreach (ref readonly MachineInst inst in _function.Insts.Span[blocks[b].First..blocks[b].End])
            {
                foreach (ref readonly Operand operand in _function.OperandsOf(inst))
                {
                    MarkUse(operand.Vreg, b);
                }

                if (LiveInCount > maxLiveIn)
                {
                    return false;
                }
            }

            foreach (ref readonly MachineEdge edge in _function.Edges.Span.Slice(blocks[b].SuccessorStart, blocks[b].SuccessorCount))
            {
                foreach (int argument in _function.Lists.Span.Slice(edge.ArgStart, edge.ArgCount))
                {
                    MarkUse(argument, b);
                }
            }

            if (LiveInCount > maxLiveIn)
            {
                return false;
            }
        }

        return true;
    }

    private void MarkUse(int vreg, int block)
    {
        int definingBlock = _definingBlock[vreg];
        if (definingBlock == block)
        {
            return;
        }

        int global = _globalOf[vreg];
        int word = global >> 6;
        ulong bit = 1UL << (global & 63);
        Mark(block, word, bit);
        while (_pending.Count > 0)
        {
            int next = _pending[_pending.Count - 1];
            _pending.Resize(_pending.Count - 1);
            ref MachineBlock target = ref _function.Blocks[next];
            foreach (int predecessor in _function.Lists.Span.Slice(target.PredecessorStart, target.PredecessorCount))
            {
                if (predecessor != definingBlock)
                {
                    Mark(predecessor, word, bit);
                }
            }
        }
    }

    private void Mark(int block, int word, ulong bit)
    {
        ref ulong row = ref _liveIn[(block * WordsPerBlock) + word];
        if ((row & bit) == 0)
        {
            row |= bit;
            LiveInCount++;
            _pending.Add(block);
        }
    }
}
