using Wisp.Wasm.Model;

namespace Wisp.Wasm.Text;

// This part: imports, exports, and what has an index space.
internal sealed partial class ModuleParser
{
    private const int AddressIs64 = 4;
    private const int IsShared = 2;
    private const int HasMaximum = 1;

    private void EncodeImport()
    {
        WasmWriter to = _sections.Imports.Add();
        to.Vector(_reader.TakeName());
        to.Vector(_reader.TakeName());
        _reader.ExpectOpen();
        ExternKind kind = TakeKind();
        _reader.TakeSymbol();
        EncodeExternType(kind, to);
        _reader.ExpectClose();
    }

    /// <summary>Steps over the inline exports of a definition, and over its inline import if it has one.</summary>
    private bool TakeInlineImport(ExternKind kind, int index)
    {
        _reader.TakeSymbol();
        while (_reader.TryOpen(Keyword.Export))
        {
            AddExport(_reader.TakeName(), kind, (uint)index);
            _reader.ExpectClose();
        }

        if (!_reader.TryOpen(Keyword.Import))
        {
            return false;
        }

        WasmWriter to = _sections.Imports.Add();
        to.Vector(_reader.TakeName());
        to.Vector(_reader.TakeName());
        _reader.ExpectClose();
        EncodeExternType(kind, to);
        return true;
    }

    private void EncodeExternType(ExternKind kind, WasmWriter to)
    {
        to.Byte((int)kind);
        switch (kind)
        {
            case ExternKind.Function:
                to.Unsigned(_types.TakeTypeUse([]));
                break;
            case ExternKind.Table:
                TakeTableType().Write(to);
                break;
            case ExternKind.Memory:
                WriteLimits(to, TakeAddressFlag(), bits: 64);
                break;
            case ExternKind.Global:
                EncodeGlobalType(to);
                break;
            default:
                to.Byte(0);
                to.Unsigned(_types.TakeTypeUse([]));
                break;
        }
    }

    private void EncodeFunction(int index)
    {
        if (TakeInlineImport(ExternKind.Function, index))
        {
            return;
        }

        _parameterNames.Clear();
        _sections.Functions.Add().Unsigned(_types.TakeTypeUse(_parameterNames));
        _instructions.BeginFunction(_parameterNames);
        _instructions.TakeLocals();
        _instructions.TakeSequence();
        _localNames.Add((index, [.. _instructions.LocalSymbols]));
        _sections.Code.Add().Vector(_instructions.Output.Written);
    }

    private void EncodeTable(int index)
    {
        if (TakeInlineImport(ExternKind.Table, index))
        {
            return;
        }

        if (IsInlineSegmentNext())
        {
            EncodeTableWithElements(index);
            return;
        }

        TableText type = TakeTableType();
        WasmWriter to = _sections.Tables.Add();
        if (_reader.Kind == TokenKind.RightParen)
        {
            type.Write(to);
            return;
        }

        to.Byte(0x40);
        to.Byte(0x00);
        type.Write(to);
        to.Bytes(TakeExpression());
    }

    private void EncodeMemory(int index)
    {
        if (TakeInlineImport(ExternKind.Memory, index))
        {
            return;
        }

        int flags = TakeAddressFlag();
        if (_reader.IsOpen(Keyword.Data))
        {
            EncodeMemoryWithData(index, flags);
            return;
        }

        WriteLimits(_sections.Memories.Add(), flags, bits: 64);
    }

    private void EncodeGlobal(int index)
    {
        if (TakeInlineImport(ExternKind.Global, index))
        {
            return;
        }

        WasmWriter to = _sections.Globals.Add();
        EncodeGlobalType(to);
        to.Bytes(TakeExpression());
    }

    private void EncodeTag(int index)
    {
        if (!TakeInlineImport(ExternKind.Tag, index))
        {
            WasmWriter to = _sections.Tags.Add();
            to.Byte(0);
            to.Unsigned(_types.TakeTypeUse([]));
        }
    }

    private void EncodeExport()
    {
        byte[] name = _reader.TakeName();
        _reader.ExpectOpen();
        ExternKind kind = TakeKind();
        AddExport(name, kind, _scope.Of(kind).Take(_reader));
        _reader.ExpectClose();
    }

    private void AddExport(ReadOnlySpan<byte> name, ExternKind kind, uint index)
    {
        WasmWriter to = _sections.Exports.Add();
        to.Vector(name);
        to.Byte((int)kind);
        to.Unsigned(index);
    }

    private void EncodeStart()
    {
        if (_sections.Start is not null)
        {
            _reader.Position--;
            throw _reader.Error("multiple start sections");
        }

        _sections.Start = _scope.Functions.Take(_reader);
    }

    private void EncodeGlobalType(WasmWriter to)
    {
        bool isMutable = _reader.TryOpen(Keyword.Mut);
        to.Type(_types.TakeValType());
        to.Byte(isMutable ? 1 : 0);
        if (isMutable)
        {
            _reader.ExpectClose();
        }
    }

    private int TakeAddressFlag()
    {
        bool is64 = _reader.TryTake(Keyword.I64);
        if (!is64)
        {
            _reader.TryTake(Keyword.I32);
        }

        return is64 ? AddressIs64 : 0;
    }

    private TableText TakeTableType()
    {
        int flags = TakeAddressFlag();
        ulong minimum = _reader.TakeUnsigned(64);
        ulong maximum = 0;
        if (_reader.Kind == TokenKind.Number)
        {
            flags |= HasMaximum;
            maximum = _reader.TakeUnsigned(64);
        }

        return new TableText(_types.TakeRefType(), flags, minimum, maximum);
    }

    // limits ::= min max? 'shared'?
    private void WriteLimits(WasmWriter to, int flags, int bits)
    {
        ulong minimum = _reader.TakeUnsigned(bits);
        ulong? maximum = _reader.Kind == TokenKind.Number ? _reader.TakeUnsigned(bits) : null;
        flags |= maximum is null ? 0 : HasMaximum;
        flags |= _reader.TryTake(Keyword.Shared) ? IsShared : 0;
        to.Byte(flags);
        to.Unsigned(minimum);
        if (maximum is { } max)
        {
            to.Unsigned(max);
        }
    }

    /// <summary>Steps over instructions up to the closing parenthesis of what they belong to.</summary>
    private ReadOnlySpan<byte> TakeExpression()
    {
        _instructions.BeginExpression();
        _instructions.TakeSequence();
        return _instructions.Output.Written;
    }

    private readonly record struct TableText(ValType Element, int Flags, ulong Minimum, ulong Maximum)
    {
        public void Write(WasmWriter to)
        {
            to.Type(Element);
            to.Byte(Flags);
            to.Unsigned(Minimum);
            if ((Flags & HasMaximum) != 0)
            {
                to.Unsigned(Maximum);
            }
        }
    }
}
