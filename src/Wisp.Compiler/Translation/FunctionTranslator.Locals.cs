using System.Numerics;
using Wisp.Compiler.Ir;
using Wisp.Wasm.Model;

namespace Wisp.Compiler.Translation;

// The value of a local where it is read: that of the block itself, of the only block before it, or a new parameter of the block
// where several ways meet. Only where somebody asks; so a local that nobody reads behind a join costs nothing there.
//
// Behind an `end`, a local that was not written since the construct began still has the value of the block in which it began,
// however many branches meet. So the cost is that of the locals written in a construct times its branches, never of all locals.
//
// What was read or written last is remembered as long as the construct where that happened is open: all that follows there is
// dominated by it. Only a loop that opened in between may write the local later, so there the header has to be asked. Otherwise
// the search starts where the outermost open construct began that is younger than the last write.
internal sealed partial class FunctionTranslator
{
    private const int MaxNotes = 32;   // one for each power of two that an int counts

    private readonly LocalDefinitions _definitions = new();
    private readonly GrowableArray<SsaType> _localTypes = new();
    private readonly GrowableArray<int> _unfilled = new();
    private readonly int[] _zeros = new int[6];
    private readonly GrowableArray<LocalState> _locals = new();
    private int _writes;
    private bool _filling;
    private int _steps;

    private void DeclareLocals(FunctionBody body)
    {
        _localTypes.Clear();
        foreach (ValType type in _ssa.Type.Parameters)
        {
            _localTypes.Add(SsaTypeOf(type));
        }

        foreach (LocalRun run in body.Locals)
        {
            int first = _localTypes.Count;
            _localTypes.Resize(checked(first + (int)run.Count));
            _localTypes.Span[first..].Fill(SsaTypeOf(run.Type));
        }

        _writes = 0;
        _locals.Clear();
        _locals.Resize(_localTypes.Count);
    }

    private struct LocalState
    {
        public int LastWrite;     // its number; 0 for none
        public int Value;         // what it was when it was last read or written
        public int Serial;        // of the frame that was innermost then; 0 for none
        public int Depth;         // where that frame stands in _frames
        public int Loop;          // serial of the innermost loop then
    }

    private void WriteLocal(int local, int value)
    {
        Define(_block, local, value);
        _locals[local].LastWrite = ++_writes;
        Remember(ref _locals[local], value, _frames.Count - 1);
    }

    private int ReadLocal(int local)
    {
        ref LocalState state = ref _locals[local];
        bool isKnown = state.Serial != 0 && state.Depth < _frames.Count && _frames[state.Depth].Serial == state.Serial
            && state.Loop == _frames[_loop].Serial;
        if (!isKnown)
        {
            int untouched = OutermostUntouched(state.LastWrite);
            int from = untouched < _frames.Count ? _blocks[_frames[untouched].End].Opener : _block;
            Remember(ref state, FindLocal(local, from), untouched - 1);
        }

        return state.Value;
    }

    // Of the open constructs within the innermost loop, the outermost one that began behind a write; the number of all if none did.
    private int OutermostUntouched(int write)
    {
        int low = _loop + 1;
        int high = _frames.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_blocks[_frames[middle].End].OpenedAt >= write)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }

    private void Remember(ref LocalState state, int value, int depth)
    {
        state.Value = value;
        state.Depth = depth;
        state.Serial = _frames[depth].Serial;
        state.Loop = _frames[_loop].Serial;
    }

    private SsaType TypeOfLocal(int local) => _localTypes[local];

    private void Define(int block, int local, int value) => _definitions.Set(block, local, value);

    // The value of a local at the end of a block, as it is now.
    //
    // All blocks on the way to it have the same value. It is noted in the first one, the second, the fourth and so on: enough that reads
    // which start ever further out (behind one end of a deep nest after the other) do not each walk the rest of the way.
    private int FindLocal(int local, int from)
    {
        Span<int> passed = stackalloc int[MaxNotes];
        int notes = 0;
        int walked = 0;
        int block = from;
        while (true)
        {
            int value = _definitions.Find(block, local);
            if (value != None)
            {
                Note(passed[..notes], local, value);
                return value;
            }

            ref BlockState state = ref _blocks[block];
            if (state.EdgeCount == 0)
            {
                // The entry: a declared local starts as zero. The constant stands in the entry block so that it dominates.
                value = _zeros[(int)TypeOfLocal(local)];
                Define(block, local, value);
                Note(passed[..notes], local, value);
                return value;
            }

            bool isUntouched = state.Opener != None && _locals[local].LastWrite <= state.OpenedAt;
            if (isUntouched || (state.IsSealed && state.EdgeCount == 1) || (state.IsLoopHeader && !IsWritten(state.Loop, local)))
            {
                if (BitOperations.IsPow2(++walked))
                {
                    passed[notes++] = block;
                }

                block = isUntouched ? state.Opener : _edges[state.FirstEdge].Source;
                if (++_steps > CompileBudget.LookupSteps)
                {
                    throw new CompileBudgetException(_ssa.Function, "steps to find values of locals", CompileBudget.LookupSteps);
                }

                continue;
            }

            int param = AddParam(block, TypeOfLocal(local), local);
            Define(block, local, param);
            if (state.IsSealed)
            {
                _unfilled.Add(block);
            }

            Note(passed[..notes], local, param);
            FillPending();
            return param;
        }
    }

    private void Note(ReadOnlySpan<int> blocks, int local, int value)
    {
        foreach (int block in blocks)
        {
            Define(block, local, value);
        }
    }

    // Gives the parameters of sealed blocks their arguments; looking those up may make more parameters.
    private void FillPending()
    {
        if (_filling)
        {
            return;
        }

        _filling = true;
        while (_unfilled.Count > 0)
        {
            ref BlockState state = ref _blocks[_unfilled[^1]];
            if (state.Pending == None)
            {
                _unfilled.Resize(_unfilled.Count - 1);
                continue;
            }

            ParamNode param = _params[state.Pending];
            state.Pending = param.Next;
            for (int edge = state.FirstEdge; edge != None; edge = _edges[edge].Next)
            {
                AddArg(edge, FindLocal(param.Local, _edges[edge].Source));
            }
        }

        _filling = false;
    }

    private bool IsWritten(int loop, int local) =>
        _facts.WritesAllLocals(loop) || _facts.LocalsWrittenInLoop(loop).BinarySearch(local) >= 0;
}
