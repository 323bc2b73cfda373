using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;

namespace Wisp.Wasm.Text;

// This part: element and data segments.
//   elem     ::= '(' 'elem' id? ('declare' | tableuse? offset)? elemlist ')'
//   elemlist ::= 'func' funcidx* | reftype elemexpr* | funcidx*      the last only behind an offset without table
//   data     ::= '(' 'data' id? (memoryuse? offset)? string* ')'
//   offset   ::= '(' 'offset' instr* ')' | one folded instruction
// In the binary, the flags of an element segment say: 1 not active, 2 declarative or with a table, 4 expressions.
internal sealed partial class ModuleParser
{
    private const long PageBytes = 65536;

    private void EncodeElement()
    {
        _reader.TakeSymbol();
        if (_reader.TryTake(Keyword.Declare))
        {
            EncodeElements(TakeElements(), flags: 3, table: 0, offset: default);
            return;
        }

        uint table = 0;
        bool hasTable = _reader.TryOpen(Keyword.Table);
        if (hasTable)
        {
            table = _scope.Tables.Take(_reader);
            _reader.ExpectClose();
        }
        else if (_reader.Kind == TokenKind.Identifier || _reader.Kind == TokenKind.Number)
        {
            hasTable = true;   // as WebAssembly 1.0 wrote it
            table = _scope.Tables.Take(_reader);
        }

        if (!hasTable && !IsOffsetNext())
        {
            EncodeElements(TakeElements(), flags: 1, table: 0, offset: default);
            return;
        }

        byte[] offset = TakeOffset();
        ElementList list = hasTable || !IsBareFunctionList() ? TakeElements() : TakeFunctionList();
        EncodeElements(list, flags: 0, table, offset);
    }

    private bool IsOffsetNext() => _reader.Kind == TokenKind.LeftParen && !_reader.IsOpen(Keyword.Ref);

    private bool IsBareFunctionList() => IndexSpace.IsNext(_reader) || _reader.Kind == TokenKind.RightParen;

    private byte[] TakeOffset()
    {
        _instructions.BeginExpression();
        if (_reader.TryOpen(Keyword.Offset))
        {
            _instructions.TakeSequence();
            _reader.ExpectClose();
        }
        else
        {
            _instructions.TakeFolded();
        }

        return _instructions.Output.Written.ToArray();
    }

    private ElementList TakeElements()
    {
        if (_reader.TryTake(Keyword.Func))
        {
            return TakeFunctionList();
        }

        if (!_types.IsRefTypeNext() && IsBareFunctionList())
        {
            return TakeFunctionList();   // as WebAssembly 1.0 wrote it
        }

        return TakeExpressionList(_types.TakeRefType());
    }

    private ElementList TakeFunctionList()
    {
        var items = new WasmWriter();
        int count = 0;
        while (IndexSpace.IsNext(_reader))
        {
            items.Unsigned(_scope.Functions.Take(_reader));
            count++;
        }

        return new ElementList(null, count, items);
    }

    private ElementList TakeExpressionList(ValType type)
    {
        var items = new WasmWriter();
        int count = 0;
        while (_reader.Kind == TokenKind.LeftParen)
        {
            _instructions.BeginExpression();
            if (_reader.TryOpen(Keyword.Item))
            {
                _instructions.TakeSequence();
                _reader.ExpectClose();
            }
            else
            {
                _instructions.TakeFolded();
            }

            items.Bytes(_instructions.Output.Written);
            count++;
        }

        return new ElementList(type, count, items);
    }

    private void EncodeElements(ElementList list, int flags, uint table, ReadOnlySpan<byte> offset)
    {
        bool isActive = (flags & 1) == 0;
        bool isImplied = list.Type is null || list.Type == ValType.FuncRef;
        flags |= list.Type is null ? 0 : 4;
        flags |= isActive && (table != 0 || !isImplied) ? 2 : 0;
        WasmWriter to = _sections.Elements.Add();
        to.Byte(flags);
        if (isActive)
        {
            if ((flags & 2) != 0)
            {
                to.Unsigned(table);
            }

            to.Bytes(offset);
        }

        if ((flags & 3) != 0)
        {
            if (list.Type is { } type)
            {
                to.Type(type);
            }
            else
            {
                to.Byte(0);
            }
        }

        to.Unsigned((ulong)list.Count);
        to.Bytes(list.Items.Written);
    }

    // (table i64? reftype (elem …)): limits are the number of elements, and the segment starts at zero.
    private void EncodeTableWithElements(int index)
    {
        int flags = TakeAddressFlag();
        ValType type = _types.TakeRefType();
        _reader.ExpectOpen(Keyword.Elem);
        ElementList list = IsBareFunctionList() ? TakeFunctionList() : TakeExpressionList(type);
        _reader.ExpectClose();
        if (list.Type is null && type != ValType.FuncRef)
        {
            list = list.AsExpressions(type);
        }

        new TableText(type, flags | HasMaximum, (ulong)list.Count, (ulong)list.Count).Write(_sections.Tables.Add());
        EncodeElements(list, flags: 0, (uint)index, ZeroOffset(flags));
    }

    private void EncodeData()
    {
        _reader.TakeSymbol();
        uint memory = 0;
        bool hasMemory = _reader.TryOpen(Keyword.Memory);
        if (hasMemory)
        {
            memory = _scope.Memories.Take(_reader);
            _reader.ExpectClose();
        }
        else if (IndexSpace.IsNext(_reader))
        {
            hasMemory = true;   // as WebAssembly 1.0 wrote it
            memory = _scope.Memories.Take(_reader);
        }

        bool isActive = hasMemory || _reader.Kind == TokenKind.LeftParen;
        byte[] offset = isActive ? TakeOffset() : [];
        EncodeDataSegment(isActive, memory, offset, TakeStrings());
    }

    private void EncodeDataSegment(bool isActive, uint memory, ReadOnlySpan<byte> offset, WasmWriter contents)
    {
        WasmWriter to = _sections.Data.Add();
        to.Byte(!isActive ? 1 : memory == 0 ? 0 : 2);
        if (isActive && memory != 0)
        {
            to.Unsigned(memory);
        }

        to.Bytes(offset);
        to.Vector(contents.Written);
    }

    // (memory i64? (data …)): the least number of pages that holds the data, which starts at zero.
    private void EncodeMemoryWithData(int index, int flags)
    {
        _reader.ExpectOpen(Keyword.Data);
        WasmWriter contents = TakeStrings();
        _reader.ExpectClose();
        ulong pages = (ulong)((contents.Length + PageBytes - 1) / PageBytes);
        WasmWriter to = _sections.Memories.Add();
        to.Byte(flags | HasMaximum);
        to.Unsigned(pages);
        to.Unsigned(pages);
        EncodeDataSegment(isActive: true, (uint)index, ZeroOffset(flags), contents);
    }

    private WasmWriter TakeStrings()
    {
        var contents = new WasmWriter();
        while (_reader.Kind == TokenKind.String)
        {
            contents.Bytes(_reader.TakeString());
        }

        return contents;
    }

    private static ReadOnlySpan<byte> ZeroOffset(int flags) =>
        (flags & AddressIs64) != 0 ? [0x42, 0x00, 0x0b] : [0x41, 0x00, 0x0b];

    /// <summary>Elements as function indices (no type) or as expressions.</summary>
    private readonly record struct ElementList(ValType? Type, int Count, WasmWriter Items)
    {
        /// <summary>The same functions as expressions <c>ref.func x end</c>.</summary>
        public ElementList AsExpressions(ValType type)
        {
            var expressions = new WasmWriter();
            int start = 0;
            ReadOnlySpan<byte> indices = Items.Written;
            for (int i = 0; i < indices.Length; i++)
            {
                if (indices[i] < 0x80)
                {
                    expressions.Byte(Opcode.RefFunc.Code());
                    expressions.Bytes(indices[start..(i + 1)]);
                    expressions.Byte(Opcode.End.Code());
                    start = i + 1;
                }
            }

            return new ElementList(type, Count, expressions);
        }
    }
}
