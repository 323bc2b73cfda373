using Wisp.Abi;

namespace Wisp.Compiler.X64;

// Jumps that keep clear of the ends of 32-byte blocks, for processors with the jump erratum (CpuFeatures.PaddedJumps).
//
//   block      |                               32|                                64|
//   before                           [cmp eax, ebx][jb near ........]
//   after                            nop ........ |[cmp eax, ebx][jb near ........]
//
// 1. Those processors do not keep decoded instructions of a block in which a jump ends, or which a jump leaves in its middle. A
//    comparison that they decode together with its conditional jump is a part of it. Calls and returns are jumps.
// 2. A jump is placed when it was written: if it lies badly, it moves to the next block, and what belongs to its instruction in the
//    lists of fixups moves along. Whatever leads to it leads to the padding then.
// 3. A unit never begins before a place that something leads to, or behind which a call returns: _unitFloor.
// 4. Offsets in a function say something about blocks only if the function starts on one: CodeBlob.Alignment.
internal sealed partial class X64Emitter
{
    private const int BlockBytes = 32;
    private const int MostPadding = BlockBytes - 1;

    private bool _padsJumps;
    private int _unitFloor;   // where the instruction that belongs to the next jump may begin at the earliest

    /// <summary>The most bytes that may come before a jump.</summary>
    private int JumpPadding => _padsJumps ? MostPadding : 0;

    private void BeginJumpPadding(CpuFeatures features)
    {
        _padsJumps = features.HasFlag(CpuFeatures.PaddedJumps);
        _alignment = _padsJumps ? Math.Max(_alignment, BlockBytes) : _alignment;
        _unitFloor = 0;
    }

    /// <summary>Says that something leads here.</summary>
    private void JumpTargetHere() => _unitFloor = _asm.Position;

    /// <summary>Behind a jump: moves it where it may lie. Nothing may know yet where it is.</summary>
    /// <param name="start">Where it starts.</param>
    /// <param name="isConditional">Whether the instruction before it may be a part of it.</param>
    private void PlaceJump(int start, bool isConditional = false)
    {
        if (_padsJumps)
        {
            int unit = isConditional ? Math.Max(_asm.InstructionStart, _unitFloor) : start;
            unit = unit > start || _asm.Position - unit >= BlockBytes ? start : unit;
            if (unit / BlockBytes != _asm.Position / BlockBytes)
            {
                InsertPadding(unit, -unit & MostPadding);
            }
        }

        _unitFloor = _asm.Position;
    }

    private void InsertPadding(int at, int bytes)
    {
        _asm.Insert(at, bytes);
        for (int i = _traps.Count - 1; i >= 0 && _traps[i].CodeOffset >= at; i--)
        {
            _traps[i] = _traps[i] with { CodeOffset = _traps[i].CodeOffset + bytes };
        }

        for (int i = _constantFixups.Count - 1; i >= 0 && _constantFixups[i].Position >= at; i--)
        {
            _constantFixups[i] = _constantFixups[i] with { Position = _constantFixups[i].Position + bytes };
        }

        for (int i = Positions.Count - 1; i >= 0 && Positions[i] > at; i--)
        {
            Positions[i] += bytes;
        }
    }
}
