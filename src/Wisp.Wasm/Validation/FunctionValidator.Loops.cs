using System.Runtime.InteropServices;

namespace Wisp.Wasm.Validation;

// Which locals each loop writes: see FunctionFacts.
//
//   _pending   [ writes of the function | of the outermost open loop | ... | of the innermost open loop ]
//
// A loop's `end` sorts its part of _pending, removes duplicates, copies it out and leaves it there as writes of the loop around it. The
// sum of all parts sorted is limited by the size of the body; past that, this loop and those around it write everything.
internal sealed partial class FunctionValidator
{
    private const int BudgetPerByte = 4;
    private const int BudgetAtLeast = 4096;

    private readonly List<(int Start, int Length)> _loops = [];
    private readonly List<(int Start, int Serial, bool All)> _openLoops = [];
    private readonly List<int> _written = [];
    private readonly List<int> _pending = [];
    private int[] _lastLoopWriting = [];   // for a local: the serial number of the last loop that has put it into _pending
    private int _serial;                   // of loops, through all functions
    private long _budget;

    private readonly record struct FunctionTotals(int Operands, int Blocks, int Locals, bool IsLeaf, int Instructions);

    private void OpenLoops(int bodyBytes)
    {
        _loops.Clear();
        _openLoops.Clear();
        _written.Clear();
        _pending.Clear();
        _budget = BudgetAtLeast + ((long)BudgetPerByte * bodyBytes);
    }

    private int OpenLoop()
    {
        int loop = _loops.Count;
        _loops.Add(default);
        _openLoops.Add((_pending.Count, ++_serial, false));
        return loop;
    }

    private void NoteWrite(int local)
    {
        if (_openLoops.Count == 0)
        {
            return;
        }

        (_, int serial, bool all) = _openLoops[^1];
        if (all || (local < _lastLoopWriting.Length && _lastLoopWriting[local] == serial))
        {
            return;
        }

        if (_lastLoopWriting.Length <= local)
        {
            Array.Resize(ref _lastLoopWriting, Math.Max(local + 1, 2 * _lastLoopWriting.Length));
        }

        _lastLoopWriting[local] = serial;
        _pending.Add(local);
    }

    private void CloseLoop(int loop)
    {
        (int start, _, bool all) = _openLoops[^1];
        _openLoops.RemoveAt(_openLoops.Count - 1);
        Span<int> writes = CollectionsMarshal.AsSpan(_pending)[start..];
        _budget -= writes.Length;
        if (all || _budget < 0)
        {
            _loops[loop] = (0, -1);
            _pending.RemoveRange(start, _pending.Count - start);
            if (_openLoops.Count > 0)
            {
                _openLoops[^1] = _openLoops[^1] with { All = true };
            }

            return;
        }

        writes.Sort();
        int count = 0;
        for (int i = 0; i < writes.Length; i++)
        {
            if (count == 0 || writes[count - 1] != writes[i])
            {
                writes[count++] = writes[i];
            }
        }

        _pending.RemoveRange(start + count, _pending.Count - start - count);
        _loops[loop] = (_written.Count, count);
        _written.AddRange(writes[..count]);
        if (_openLoops.Count == 0)
        {
            _pending.Clear();
        }
    }

    private FunctionFacts CloseLoops(FunctionTotals totals) => new([.. _written], [.. _loops])
    {
        MaxOperandDepth = totals.Operands,
        MaxControlDepth = totals.Blocks,
        LocalCount = totals.Locals,
        IsLeaf = totals.IsLeaf,
        InstructionCount = totals.Instructions,
    };
}
