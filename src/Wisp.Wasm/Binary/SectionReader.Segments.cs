using Wisp.Wasm.Model;

namespace Wisp.Wasm.Binary;

// Element segments, code, data segments, and the constant expressions in them.
internal ref partial struct SectionReader
{
    // Bits of an element segment's flags, and the two lower ones of a data segment's.
    private const uint NotActive = 1;
    private const uint ExplicitIndex = 2;   // of a segment that is not active: declarative
    private const uint Expressions = 4;

    // elem   https://webassembly.github.io/spec/core/binary/modules.html#element-section
    //   0 offset:expr func*                  active in table 0
    //   1 kind func*                         passive
    //   2 table offset:expr kind func*       active
    //   3 kind func*                         declarative
    //   4 offset:expr expr*                  active in table 0, of funcref
    //   5 reftype expr*                      passive
    //   6 table offset:expr reftype expr*    active
    //   7 reftype expr*                      declarative
    private void ReadElements(ref ByteReader section)
    {
        _elements = new ElementSegment[section.ReadCount("element segments", _limits.ElementSegments)];
        for (int i = 0; i < _elements.Length; i++)
        {
            int at = section.Offset;
            uint flags = section.ReadU32();
            if (flags > (NotActive | ExplicitIndex | Expressions))
            {
                Malformed.SegmentFlags(flags, at);
            }

            SegmentMode mode = (flags & NotActive) == 0 ? SegmentMode.Active
                : (flags & ExplicitIndex) == 0 ? SegmentMode.Passive : SegmentMode.Declarative;
            int table = 0;
            ConstantExpression offset = default;
            if (mode == SegmentMode.Active)
            {
                table = (flags & ExplicitIndex) != 0 ? section.ReadIndex() : 0;
                offset = ReadExpression(ref section);
            }

            bool expressions = (flags & Expressions) != 0;
            bool typed = (flags & (NotActive | ExplicitIndex)) != 0;
            ValType type = ReadElementType(ref section, expressions, typed);
            at = section.Offset;
            int count = section.ReadCount("elements", _limits.Elements);
            _elementCount += count;
            CheckTotal("elements", _elementCount, _limits.Elements, at);
            _elements[i] = new ElementSegment(
                mode, type, new TableIndex(table), offset, expressions ? null : ReadFunctionIndices(ref section, count),
                expressions ? ReadExpressions(ref section, count) : null);
        }
    }

    private static ValType ReadElementType(ref ByteReader section, bool expressions, bool typed)
    {
        if (expressions)
        {
            return typed ? section.ReadReferenceType() : ValType.FuncRef;
        }

        if (typed)
        {
            int at = section.Offset;
            byte kind = section.ReadByte();
            if (kind != 0)
            {
                Malformed.ElementKind(kind, at);
            }
        }

        return ValType.Reference(false, HeapType.Func);
    }

    private static FuncIndex[] ReadFunctionIndices(ref ByteReader section, int count)
    {
        var functions = new FuncIndex[count];
        for (int i = 0; i < count; i++)
        {
            functions[i] = new FuncIndex(section.ReadIndex());
        }

        return functions;
    }

    private readonly ConstantExpression[] ReadExpressions(ref ByteReader section, int count)
    {
        var expressions = new ConstantExpression[count];
        for (int i = 0; i < count; i++)
        {
            expressions[i] = ReadExpression(ref section);
        }

        return expressions;
    }

    // Instructions up to the end that closes no block among them. Whether they are constant is the validator's matter.
    private readonly ConstantExpression ReadExpression(ref ByteReader section)
    {
        int start = section.Offset;
        var reader = new InstructionReader(_module, start, section.Remaining, _operands);
        Instruction instruction = default;
        for (int depth = 1; depth > 0;)
        {
            reader.Read(ref instruction);
            switch (instruction.Opcode)
            {
                case Opcode.Block:
                case Opcode.Loop:
                case Opcode.If:
                case Opcode.TryTable:
                    depth++;
                    break;
                case Opcode.End:
                    depth--;
                    break;
                default:
                    break;
            }
        }

        section.Skip(reader.Offset - start);
        return new ConstantExpression(start, reader.Offset - start);
    }

    // code   size:u32 ( (count:u32 valtype)* instruction* end )
    private void ReadCode(ref ByteReader section)
    {
        int count = section.ReadCount("functions", _limits.Functions);
        _bodies = new FunctionBody[count];
        for (int i = 0; i < count; i++)
        {
            int at = section.Offset;
            int size = section.ReadLength();
            CheckTotal("bytes in a function's body", size, _limits.BodyBytes, at);
            var body = new ByteReader(_module, section.Offset, section.Offset + size);
            section.Skip(size);
            LocalRun[] locals = ReadLocals(ref body);
            _bodies[i] = new FunctionBody(body.Offset, body.Remaining, locals);
            _bodyCount++;
        }
    }

    private readonly LocalRun[] ReadLocals(ref ByteReader body)
    {
        int count = body.ReadCount("runs of locals", int.MaxValue);
        LocalRun[] runs = count == 0 ? [] : new LocalRun[count];
        ulong total = 0;
        for (int i = 0; i < count; i++)
        {
            int at = body.Offset;
            uint length = body.ReadU32();
            total += length;
            if (total > (ulong)_limits.Locals)
            {
                Malformed.TooManyLocals(total, at);
            }

            runs[i] = new LocalRun(length, body.ReadValType());
        }

        return runs;
    }

    // data   0 offset:expr byte*: active in memory 0 | 1 byte*: passive | 2 memory offset:expr byte*: active
    private void ReadData(ref ByteReader section)
    {
        _data = new DataSegment[section.ReadCount("data segments", _limits.DataSegments)];
        for (int i = 0; i < _data.Length; i++)
        {
            int at = section.Offset;
            uint flags = section.ReadU32();
            if (flags > ExplicitIndex)
            {
                Malformed.SegmentFlags(flags, at);
            }

            int memory = flags == ExplicitIndex ? section.ReadIndex() : 0;
            SegmentMode mode = flags == NotActive ? SegmentMode.Passive : SegmentMode.Active;
            ConstantExpression offset = mode == SegmentMode.Active ? ReadExpression(ref section) : default;
            uint length = section.ReadU32();
            if (length > (uint)section.Remaining)
            {
                Malformed.UnexpectedEnd(section.End);
            }

            _data[i] = new DataSegment(mode, new MemoryIndex(memory), offset, section.Offset, (int)length);
            section.Skip((int)length);
        }
    }
}
