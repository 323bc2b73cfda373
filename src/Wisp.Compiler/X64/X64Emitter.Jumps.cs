using Wisp.Compiler.Allocation;
using Wisp.Compiler.Machine;

namespace Wisp.Compiler.X64;

// Jumps between blocks.
//
// 1. A block that is nothing but a jump, without edits, is not emitted: jumps to it go to where it leads. Most blocks that
//    split a critical edge end up so, once the allocator needed no copies there.
// 2. A jump is short (two bytes instead of five or six) if its distance surely fits: backwards it is known; forwards it is bounded
//    by the sum of what the instructions between can take at most.
internal sealed partial class X64Emitter
{
    private const int MaxChain = 16;
    private const int MaxShortDistance = 127;
    private const int Unbounded = 1000;

    private readonly List<(int Position, int Block, bool IsShort)> _blockFixups = [];
    private bool[] _isEmpty = [];
    private int[] _follow = [];

    private void FindEmptyBlocks()
    {
        if (_isEmpty.Length < _function.Blocks.Count)
        {
            _isEmpty = new bool[_function.Blocks.Count];
            _follow = new int[_function.Blocks.Count];
        }

        int edit = 0;
        for (int b = 0; b < _function.Blocks.Count; b++)
        {
            ref MachineBlock block = ref _function.Blocks[b];
            int firstEdit = edit;
            while (edit < _allocation.Edits.Count && _allocation.Edits[edit].Before < block.End)
            {
                edit++;
            }

            // The entry is where the prologue falls into.
            _isEmpty[b] = b > 0 && edit == firstEdit && block.End - block.First == 1
                && (X64Op)_function.Insts[block.First].Op == X64Op.Jump;
        }

        FollowEmptyBlocks();
    }

    /// <summary>Where a jump to a block goes in the end.</summary>
    private int Follow(int block) => _isEmpty[block] ? _follow[block] : block;

    private void FollowEmptyBlocks()
    {
        for (int b = _function.Blocks.Count - 1; b > 0; b--)
        {
            if (!_isEmpty[b])
            {
                continue;
            }

            // Later blocks are resolved already. A chain that does not end soon is emitted: it might be a circle.
            int target = SuccessorOf(b);
            int step = 0;
            while (_isEmpty[target] && target <= b && ++step < MaxChain)
            {
                target = SuccessorOf(target);
            }

            _isEmpty[b] = step < MaxChain;
            _follow[b] = Follow(target);
        }
    }

    private int SuccessorOf(int block) => _function.Edges[_function.Blocks[block].SuccessorStart].Target;

    /// <summary>The block whose code comes next.</summary>
    private int NextBlock()
    {
        int next = _block + 1;
        while (next < _function.Blocks.Count && _isEmpty[next])
        {
            next++;
        }

        return next;
    }

    private int Target(int successor) => Follow(_function.Edges[_function.Blocks[_block].SuccessorStart + successor].Target);

    private void JccBlock(X64Condition condition, int block)
    {
        bool isShort = IsNear(block);
        if (isShort)
        {
            int start = _asm.Position;
            _asm.Byte(0x70 | (int)condition);
            _asm.Byte(0);
            PlaceJump(start, isConditional: true);
        }
        else
        {
            Jcc(condition);
        }

        _blockFixups.Add((_asm.Position, block, isShort));
    }

    private void JmpBlock(int block)
    {
        if (block == NextBlock())
        {
            return;
        }

        bool isShort = IsNear(block);
        if (isShort)
        {
            int start = _asm.Position;
            _asm.Byte(0xEB);
            _asm.Byte(0);
            PlaceJump(start);
        }
        else
        {
            Jmp();
        }

        _blockFixups.Add((_asm.Position, block, isShort));
    }

    private bool IsNear(int block)
    {
        if (block <= _block)
        {
            return _asm.Position + JumpPadding + 2 - _blockPositions[block] <= MaxShortDistance + 1;
        }

        // What may still follow in this block: the other half of a two-way branch.
        int bytes = 12 + (2 * JumpPadding);
        int edit = _edit;
        for (int b = _block + 1; b <= block; b++)
        {
            ref MachineBlock between = ref _function.Blocks[b];
            bytes += between.IsLoopHeader ? LineBytes - 1 : 0;   // its padding
            if (b == block)
            {
                break;
            }

            for (int i = between.First; i < between.End && bytes <= MaxShortDistance; i++)
            {
                var op = (X64Op)_function.Insts[i].Op;
                bytes += MaxBytes(op) + (MaxJumps(op) * JumpPadding);
            }

            for (; edit < _allocation.Edits.Count && _allocation.Edits[edit].Before < between.End && bytes <= MaxShortDistance; edit++)
            {
                bytes += MaxBytes(_allocation.Edits[edit]);
            }

            if (bytes > MaxShortDistance)
            {
                return false;
            }
        }

        return bytes <= MaxShortDistance;
    }

    // An x64 instruction has at most 15 bytes; what these emit is one instruction, or counted out.
    private static int MaxBytes(X64Op op) => op switch
    {
        >= (X64Op)X64VectorOps.First => 15,
        X64Op.Jump => 5,
        X64Op.AluImmediate or X64Op.Multiply or X64Op.ShiftImmediate or X64Op.Load or X64Op.Store or X64Op.StoreImmediate
            or X64Op.LoadFloat or X64Op.StoreFloat or X64Op.FloatAlu or X64Op.LoadImmediate or X64Op.LoadZeroFloat
            or X64Op.LoadConstant or X64Op.LoadOnes or X64Op.StackCheck or X64Op.Lea or X64Op.ContextAddress
            or X64Op.LoadReadOnly => 15,
        X64Op.Alu => 20,
        X64Op.CompareBranch or X64Op.CompareBranchImmediate or X64Op.VectorTestBranch => 30,
        _ => Unbounded,
    };

    // How many jumps are in what MaxBytes bounds.
    private static int MaxJumps(X64Op op) => op switch
    {
        X64Op.Jump or X64Op.StackCheck => 1,
        X64Op.CompareBranch or X64Op.CompareBranchImmediate or X64Op.VectorTestBranch => 2,
        _ => 0,
    };

    // One move of at most 10 bytes; or from memory or nowhere to a slot where no register is free, for a vector in four parts.
    private static int MaxBytes(in Edit edit) => edit.To.IsSlot && !edit.From.IsRegister ? 40 : 10;

    private void PatchJumps()
    {
        foreach ((int position, int block, bool isShort) in _blockFixups)
        {
            int distance = _blockPositions[block] - position;
            if (!isShort)
            {
                _asm.PatchInt32(position - 4, distance);
            }
            else if (distance == (sbyte)distance)
            {
                _asm.PatchByte(position - 1, distance);
            }
            else
            {
                throw new InvalidOperationException($"a short jump to block{block} is {distance} bytes long");
            }
        }
    }
}
