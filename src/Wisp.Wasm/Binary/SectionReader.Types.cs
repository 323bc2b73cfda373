using Wisp.Wasm.Model;

namespace Wisp.Wasm.Binary;

// Types, wherever they stand: in the type section, in imports and in the sections of tables, memories, globals and tags.
internal ref partial struct SectionReader
{
    private const byte RecursionGroup = 0x4e;
    private const byte FinalSubtype = 0x4f;
    private const byte OpenSubtype = 0x50;
    private const byte ArrayForm = 0x5e;
    private const byte StructForm = 0x5f;
    private const byte FunctionForm = 0x60;
    private const byte PackedI16 = 0x77;
    private const byte PackedI8 = 0x78;
    private const byte WithMaximum = 1;
    private const byte Shared = 2;
    private const byte Wide = 4;

    // rectype   4e subtype*: a group | subtype: a group of one
    private readonly void ReadTypes(ref ByteReader section)
    {
        int groups = section.ReadCount("types", _limits.Types);
        for (int i = 0; i < groups; i++)
        {
            int start = _types.Count;
            int length = 1;
            int at = section.Offset;
            if (section.PeekByte() == RecursionGroup)
            {
                section.Skip(1);
                length = section.ReadCount("types", _limits.Types);
            }

            if (start + length > _limits.Types)
            {
                Malformed.LimitExceeded("types", (uint)(start + length), _limits.Types, at);
            }

            for (int j = 0; j < length; j++)
            {
                _types.Add(ReadSubtype(ref section, start, length));
            }
        }
    }

    // subtype   4f super:typeidx* comptype: final | 50 super:typeidx* comptype | comptype: final, without supertypes
    private readonly DefinedType ReadSubtype(ref ByteReader section, int groupStart, int groupLength)
    {
        byte form = section.PeekByte();
        TypeIndex? supertype = null;
        if (form is FinalSubtype or OpenSubtype)
        {
            section.Skip(1);

            // The format has a list, of which validation allows one at most.
            int count = section.ReadCount("supertypes", 1);
            if (count > 0)
            {
                supertype = new TypeIndex(section.ReadIndex());
            }
        }

        return new DefinedType(ReadComposite(ref section), supertype, form != OpenSubtype, groupStart, groupLength);
    }

    private readonly CompositeType ReadComposite(ref ByteReader section)
    {
        int at = section.Offset;
        byte form = section.ReadByte();
        switch (form)
        {
            case FunctionForm:
                ValType[] parameters = ReadValTypes(ref section, "parameters", _limits.Parameters);
                return new FunctionType(parameters, ReadValTypes(ref section, "results", _limits.Results));
            case StructForm:
                var fields = new FieldType[section.ReadCount("fields", _limits.Fields)];
                for (int i = 0; i < fields.Length; i++)
                {
                    fields[i] = ReadField(ref section);
                }

                return new StructType(fields);
            case ArrayForm:
                return new ArrayType(ReadField(ref section));
            case >= 0x80:
                // The form is a 7-bit signed integer: its byte has no continuation.
                Malformed.IntegerTooLong(at);
                return null;
            default:
                Malformed.DefinedType(form, at);
                return null;
        }
    }

    private static ValType[] ReadValTypes(ref ByteReader section, string what, int limit)
    {
        int count = section.ReadCount(what, limit);
        ValType[] types = count == 0 ? [] : new ValType[count];
        for (int i = 0; i < count; i++)
        {
            types[i] = section.ReadValType();
        }

        return types;
    }

    private static FieldType ReadField(ref ByteReader section)
    {
        switch (section.PeekByte())
        {
            case PackedI8:
                section.Skip(1);
                return new FieldType(ValType.I32, FieldPacking.I8, ReadMutability(ref section));
            case PackedI16:
                section.Skip(1);
                return new FieldType(ValType.I32, FieldPacking.I16, ReadMutability(ref section));
            default:
                ValType type = section.ReadValType();
                return new FieldType(type, FieldPacking.None, ReadMutability(ref section));
        }
    }

    private static bool ReadMutability(ref ByteReader section)
    {
        int at = section.Offset;
        byte mutability = section.ReadByte();
        if (mutability > 1)
        {
            Malformed.Mutability(mutability, at);
        }

        return mutability == 1;
    }

    private static TableType ReadTableType(ref ByteReader section)
    {
        ValType element = section.ReadReferenceType();
        Limits limits = ReadLimits(ref section, WithMaximum | Wide, out byte flags);
        return new TableType(element, limits, (flags & Wide) != 0);
    }

    private static MemoryType ReadMemoryType(ref ByteReader section)
    {
        Limits limits = ReadLimits(ref section, WithMaximum | Shared | Wide, out byte flags);
        return new MemoryType(limits, (flags & Wide) != 0, (flags & Shared) != 0);
    }

    // limits   flags:byte min:u64 max:u64?    bit 0: maximum, bit 1: shared (memories), bit 2: 64-bit addresses
    private static Limits ReadLimits(ref ByteReader section, int known, out byte flags)
    {
        int at = section.Offset;
        flags = section.ReadByte();
        if ((flags & ~known) != 0)
        {
            Malformed.LimitsFlags(flags, at);
        }

        ulong minimum = section.ReadU64();
        return new Limits(minimum, (flags & WithMaximum) != 0 ? section.ReadU64() : null);
    }

    private static GlobalType ReadGlobalType(ref ByteReader section)
    {
        ValType type = section.ReadValType();
        return new GlobalType(type, ReadMutability(ref section));
    }

    // tag   attribute:byte (0: exception) typeidx
    private static TagType ReadTagType(ref ByteReader section)
    {
        int at = section.Offset;
        byte attribute = section.ReadByte();
        if (attribute != 0)
        {
            Malformed.TagAttribute(attribute, at);
        }

        return new TagType(new TypeIndex(section.ReadIndex()));
    }
}
