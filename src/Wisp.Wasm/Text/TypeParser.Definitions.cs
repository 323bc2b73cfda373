using Wisp.Wasm.Model;

namespace Wisp.Wasm.Text;

// This part: the types that a module defines.
internal sealed partial class TypeParser
{
    /// <summary>Parses <c>(type …)</c> or <c>(rec …)</c>, whose identifiers are bound already.</summary>
    public void TakeGroup()
    {
        if (!reader.TryOpen(Keyword.Rec))
        {
            table.GroupCount++;
            TakeDefinition(isAlone: true);
            return;
        }

        var members = new List<int>();
        while (reader.Kind != TokenKind.RightParen)
        {
            members.Add(reader.Position);
            reader.SkipGroup();
        }

        reader.Position = members.Count > 0 ? members[0] : reader.Position;
        table.GroupCount += members.Count > 0 ? 1 : 0;   // an empty group defines nothing
        if (members.Count > 1)   // a group of one is what a type alone is
        {
            table.Section.Byte(0x4e);
            table.Section.Unsigned((ulong)members.Count);
        }

        foreach (int _ in members)
        {
            TakeDefinition(isAlone: members.Count == 1);
        }

        reader.ExpectClose();
    }

    private void TakeDefinition(bool isAlone)
    {
        reader.ExpectOpen(Keyword.Type);
        reader.TakeSymbol();
        if (!reader.TryOpen(Keyword.Sub))
        {
            TakeComposite(isAlone);
            reader.ExpectClose();
            return;
        }

        bool isFinal = reader.TryTake(Keyword.Final);
        var supertypes = new List<uint>();
        while (IndexSpace.IsNext(reader))
        {
            supertypes.Add(names.Take(reader));
        }

        if (!isFinal || supertypes.Count > 0)
        {
            table.Section.Byte(isFinal ? 0x4f : 0x50);
            table.Section.Unsigned((ulong)supertypes.Count);
            foreach (uint supertype in supertypes)
            {
                table.Section.Unsigned(supertype);
            }
        }

        TakeComposite(isAlone && isFinal && supertypes.Count == 0);
        reader.ExpectClose();
        reader.ExpectClose();
    }

    private void TakeComposite(bool isPlain)
    {
        if (reader.TryOpen(Keyword.Func))
        {
            FunctionType function = TakeSignature(parameterNames: []);
            TypeTable.WriteFunction(table.Section, function);
            table.Add(function, isPlain, fieldNames: null);
        }
        else if (reader.TryOpen(Keyword.Struct))
        {
            TakeStruct();
        }
        else if (reader.TryOpen(Keyword.Array))
        {
            FieldType element = TakeFieldType();
            table.Section.Byte(0x5e);
            WriteField(element);
            table.Add(new ArrayType(element), isPlain: false, fieldNames: null);
        }
        else
        {
            throw reader.Unexpected("a function, structure or array type");
        }

        reader.ExpectClose();
    }

    private void TakeStruct()
    {
        var fields = new List<FieldType>();
        Dictionary<int, int>? fieldNames = null;
        while (reader.TryOpen(Keyword.Field))
        {
            if (reader.Kind == TokenKind.Identifier)
            {
                fieldNames ??= [];
                if (!fieldNames.TryAdd(reader.Current.Value, fields.Count))
                {
                    throw reader.Error("duplicate field");
                }

                reader.Position++;
                fields.Add(TakeFieldType());
                reader.ExpectClose();
                continue;
            }

            while (!reader.TryClose())
            {
                fields.Add(TakeFieldType());
            }
        }

        table.Section.Byte(0x5f);
        table.Section.Unsigned((ulong)fields.Count);
        foreach (FieldType field in fields)
        {
            WriteField(field);
        }

        table.Add(new StructType([.. fields]), isPlain: false, fieldNames);
    }

    private FieldType TakeFieldType()
    {
        bool isMutable = reader.TryOpen(Keyword.Mut);
        FieldPacking packing = reader.TryTake(Keyword.I8) ? FieldPacking.I8
            : reader.TryTake(Keyword.I16) ? FieldPacking.I16 : FieldPacking.None;
        ValType type = packing == FieldPacking.None ? TakeValType() : ValType.I32;
        if (isMutable)
        {
            reader.ExpectClose();
        }

        return new FieldType(type, packing, isMutable);
    }

    private void WriteField(FieldType field)
    {
        switch (field.Packing)
        {
            case FieldPacking.I8:
                table.Section.Byte(0x78);
                break;
            case FieldPacking.I16:
                table.Section.Byte(0x77);
                break;
            default:
                table.Section.Type(field.Type);
                break;
        }

        table.Section.Byte(field.IsMutable ? 1 : 0);
    }
}
