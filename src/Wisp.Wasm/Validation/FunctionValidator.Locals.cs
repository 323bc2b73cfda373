using System.Runtime.CompilerServices;
using Wisp.Wasm.Model;

namespace Wisp.Wasm.Validation;

// Locals and globals.
//
//   _locals      types of parameters and of the first declared locals, up to DirectLocals
//   _runEnds     end of each run of declared locals beyond them, to be searched: a body of a few bytes may declare 50,000 locals,
//   _runTypes    and thousands of such bodies must not cost 50,000 writes each
//   _stamps      for each local that has no default value: the function that has initialized it, counted by _stamp
//   _initialized such locals in the order of their initialization, so that leaving a block can take it back
internal sealed partial class FunctionValidator
{
    private const int DirectLocals = 256;

    private readonly OperandType[] _locals = new OperandType[DirectLocals];
    private int[] _runEnds = [];
    private OperandType[] _runTypes = [];
    private int _runCount;
    private int _localCount;
    private int _parameterCount;

    private int[] _stamps = [];
    private int _stamp;
    private int[] _initialized = [];
    private int _initializedCount;

    private void OpenLocals(ReadOnlySpan<OperandType> parameters, FunctionBody body)
    {
        _runCount = 0;
        _localCount = 0;
        _parameterCount = parameters.Length;
        _initializedCount = 0;
        _stamp++;
        if (_runEnds.Length < parameters.Length + body.Locals.Length)
        {
            _runEnds = new int[parameters.Length + body.Locals.Length];
            _runTypes = new OperandType[_runEnds.Length];
        }

        foreach (OperandType parameter in parameters)
        {
            AddLocals(1, parameter);
        }

        foreach (LocalRun run in body.Locals)
        {
            CheckType(run.Type);
            AddLocals((int)run.Count, OperandType.From(run.Type));
        }
    }

    private void AddLocals(int count, OperandType type)
    {
        int direct = Math.Min(count, DirectLocals - _localCount);
        if (direct > 0)
        {
            _locals.AsSpan(_localCount, direct).Fill(type);
        }

        _localCount += count;
        _runEnds[_runCount] = _localCount;
        _runTypes[_runCount++] = type;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private OperandType LocalAt(int local)
    {
        if ((uint)local >= (uint)_localCount)
        {
            Invalid.Unknown("local", local, _offset);
        }

        return local < DirectLocals ? _locals[local] : SearchLocal(local);
    }

    private OperandType SearchLocal(int local)
    {
        int run = _runEnds.AsSpan(0, _runCount).BinarySearch(local);
        if (run < 0)
        {
            run = ~run;
        }
        else
        {
            // The end of a run is the first local after it, and runs may be empty.
            while (_runEnds[run] <= local)
            {
                run++;
            }
        }

        return _runTypes[run];
    }

    private void LocalGet(int local)
    {
        OperandType type = LocalAt(local);
        if (NeedsInitialization(local, type) && !IsInitialized(local))
        {
            Invalid.Because($"uninitialized local {local}", _offset);
        }

        Push(type);
    }

    private void LocalSet(int local)
    {
        OperandType type = LocalAt(local);
        Pop(type);
        Wrote(local, type);
    }

    private void LocalTee(int local)
    {
        OperandType type = LocalAt(local);
        Pop(type);
        Push(type);
        Wrote(local, type);
    }

    private void Wrote(int local, OperandType type)
    {
        NoteWrite(local);
        if (NeedsInitialization(local, type) && !IsInitialized(local))
        {
            if (_stamps.Length <= local)
            {
                Array.Resize(ref _stamps, Math.Max(_localCount, 2 * _stamps.Length));
            }

            if (_initializedCount == _initialized.Length)
            {
                Array.Resize(ref _initialized, Math.Max(16, 2 * _initialized.Length));
            }

            _stamps[local] = _stamp;
            _initialized[_initializedCount++] = local;
        }
    }

    private bool NeedsInitialization(int local, OperandType type) =>
        type.IsReference && !type.IsNullable && local >= _parameterCount;

    private bool IsInitialized(int local) => local < _stamps.Length && _stamps[local] == _stamp;

    /// <summary>Takes back what was initialized since a block began.</summary>
    private void Uninitialize(int count)
    {
        while (_initializedCount > count)
        {
            _stamps[_initialized[--_initializedCount]] = 0;
        }
    }

    private OperandType GlobalAt(int global, out bool mutable)
    {
        if ((uint)global >= (uint)_module.Globals.Length)
        {
            Invalid.Unknown("global", global, _offset);
        }

        GlobalType type = _module.Globals[global];
        mutable = type.IsMutable;
        return OperandType.From(type.Type);
    }

    private void GlobalSet(int global)
    {
        OperandType type = GlobalAt(global, out bool mutable);
        if (!mutable)
        {
            Invalid.Because($"immutable global: global {global} is immutable", _offset);
        }

        Pop(type);
    }

    /// <summary>Checks that the types which a value type refers to exist.</summary>
    private void CheckType(ValType type)
    {
        if (type.IsReference && type.Heap.Code >= _module.Types.Length)
        {
            Invalid.Unknown("type", type.Heap.Code, _offset);
        }
    }
}
