using System.Runtime.CompilerServices;

namespace Wisp.Wasm.Validation;

// The stack of operand types.
internal sealed partial class FunctionValidator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Push(OperandType type)
    {
        if ((uint)_height >= (uint)_stack.Length)
        {
            Grow(1);
        }

        _stack[_height++] = type;
        if (_height > _maxHeight)
        {
            _maxHeight = _height;
        }
    }

    private void PushAll(ReadOnlySpan<OperandType> types)
    {
        if (types.Length > _stack.Length - _height)
        {
            Grow(types.Length);
        }

        types.CopyTo(_stack.AsSpan(_height));
        _height += types.Length;
        _maxHeight = Math.Max(_maxHeight, _height);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int more)
    {
        if (_height + more > MaxOperands)
        {
            Invalid.LimitExceeded("operands", MaxOperands, _offset);
        }

        Array.Resize(ref _stack, Math.Max(2 * _stack.Length, _height + more));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Pop(OperandType wanted)
    {
        int top = _height - 1;
        if (top >= _floor && _stack[top] == wanted)
        {
            _height = top;
            return;
        }

        PopUnequal(wanted);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void PopUnequal(OperandType wanted) => PopAll([wanted]);

    /// <summary>Pops an operand of whatever type; the bottom type when code is unreachable and none is left.</summary>
    private OperandType PopAny()
    {
        if (_height > _floor)
        {
            return _stack[--_height];
        }

        if (!_unreachable)
        {
            Invalid.TypeMismatch("instruction requires an operand but stack has []", _offset);
        }

        return OperandType.Bottom;
    }

    /// <summary>Pops an operand that must be a reference, and gives its type; bottom when it is unknown.</summary>
    private OperandType PopReference()
    {
        OperandType type = PopAny();
        if (!type.IsReference && !type.IsBottom)
        {
            Invalid.TypeMismatch($"instruction requires a reference but stack has [{type}]", _offset);
        }

        return type;
    }

    private void PopAll(ReadOnlySpan<OperandType> wanted)
    {
        Match(wanted);
        _height = Math.Max(_floor, _height - wanted.Length);
    }

    /// <summary>Checks the operands on the top, without popping them.</summary>
    private void Match(ReadOnlySpan<OperandType> wanted)
    {
        int present = Math.Min(wanted.Length, _height - _floor);
        if (present < wanted.Length && !_unreachable)
        {
            Invalid.TypeMismatch(wanted, Top(wanted.Length), _offset);
        }

        int bottom = _height - present;
        ReadOnlySpan<OperandType> lower = wanted[(wanted.Length - present)..];
        for (int i = 0; i < lower.Length; i++)
        {
            OperandType actual = _stack[bottom + i];
            if (actual != lower[i] && !_context.IsSubtype(actual, lower[i]))
            {
                Invalid.TypeMismatch(wanted, Top(wanted.Length), _offset);
            }
        }
    }

    /// <summary>Replaces the types of the top operands by others that they match, as a branch not taken does.</summary>
    private void Retype(ReadOnlySpan<OperandType> types)
    {
        PopAll(types);
        PushAll(types);
    }

    private ReadOnlySpan<OperandType> Top(int count)
    {
        int present = Math.Min(count, _height - _floor);
        return _stack.AsSpan(_height - present, present);
    }

    private void SetUnreachable()
    {
        _height = _floor;
        _unreachable = true;
    }
}
