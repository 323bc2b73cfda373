using Wisp.Compiler.Machine;

namespace Wisp.Compiler.X64;

// Small loops do not straddle more lines than they need.
//
// 1. A processor that runs from its cache of decoded instructions takes one line a cycle, so a loop of a few instructions that
//    straddles two takes two cycles an iteration where one would do.
// 2. How long a loop is, is known when it was emitted. If it straddles, everything emitted since its header is taken back, the
//    padding comes before the header, and the loop is emitted once more. Each loop is taken back at most once: O(instructions).
// 3. Offsets in a function say something about lines only if the function starts on one: CodeBlob.Alignment.
internal sealed partial class X64Emitter
{
    private const int LineBytes = 64;
    private const int LargestAligned = 256;

    private int _alignment;
    private EmissionState _loopStart;
    private int _loopEnd;          // the last block of the loop whose header came last, or -1
    private int _paddedHeader;     // the header that has its padding already

    // How much there was of everything when a loop's header came.
    private readonly record struct EmissionState(
        int Block, int Edit, int Position, int Positions, int Blocks, int Constants, int Traps, int Interrupts, int Tables, int ColdCalls,
        int Relocations, int TrapSites, int Calls);

    /// <summary>Before a block: remembers where a loop starts that contains no other.</summary>
    private void BeginBlock()
    {
        JumpTargetHere();
        ref MachineBlock block = ref _function.Blocks[_block];
        if (!block.IsLoopHeader || block.IsCold)
        {
            return;
        }

        _loopEnd = LastBlockOfInnermost(_block);
        if (_loopEnd >= 0 && _paddedHeader != _block)
        {
            _loopStart = new EmissionState(
                _block, _edit, _asm.Position, Positions.Count, _blockFixups.Count, _constantFixups.Count, _trapFixups.Count,
                _interruptFixups.Count, _tableFixups.Count, _coldCalls.Count, _relocations.Count, _traps.Count, _calls.Count);
        }
    }

    /// <summary>Behind a block: at the end of a small loop that straddles, goes back to its header.</summary>
    private void EndBlock()
    {
        if (_block != _loopEnd)
        {
            return;
        }

        int start = _loopStart.Position;
        int bytes = _asm.Position - start;
        if (bytes > LargestAligned || _paddedHeader == _loopStart.Block)
        {
            return;
        }

        _alignment = LineBytes;
        if (Lines(start, bytes) > Lines(0, bytes))
        {
            TakeBack(_loopStart);
            _asm.Pad(-start & (LineBytes - 1));
            _paddedHeader = _loopStart.Block;
            _block = _loopStart.Block - 1;   // the walk goes on with the header
        }
    }

    private static int Lines(int start, int bytes) => ((start + bytes - 1) / LineBytes) - (start / LineBytes) + 1;

    // The last block that leads back to the header; -1 if another loop's header stands before it.
    private int LastBlockOfInnermost(int header)
    {
        ref MachineBlock block = ref _function.Blocks[header];
        int last = -1;
        foreach (int predecessor in _function.Lists.Span.Slice(block.PredecessorStart, block.PredecessorCount))
        {
            last = Math.Max(last, predecessor >= header ? predecessor : -1);
        }

        for (int b = header + 1; b <= last; b++)
        {
            if (_function.Blocks[b].IsLoopHeader)
            {
                return -1;
            }
        }

        return last;
    }

    private void TakeBack(in EmissionState state)
    {
        _edit = state.Edit;
        _flags = default;
        _asm.Truncate(state.Position);
        _unitFloor = state.Position;
        Positions.Resize(state.Positions);
        Truncate(_blockFixups, state.Blocks);
        Truncate(_constantFixups, state.Constants);
        Truncate(_trapFixups, state.Traps);
        Truncate(_interruptFixups, state.Interrupts);
        Truncate(_tableFixups, state.Tables);
        Truncate(_coldCalls, state.ColdCalls);
        Truncate(_relocations, state.Relocations);
        Truncate(_traps, state.TrapSites);
        Truncate(_calls, state.Calls);
    }

    private static void Truncate<T>(List<T> list, int count) => list.RemoveRange(count, list.Count - count);
}
