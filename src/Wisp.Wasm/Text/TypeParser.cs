using Wisp.Wasm.Model;

namespace Wisp.Wasm.Text;

// Types   https://webassembly.github.io/spec/core/text/types.html
//   reftype    ::= '(' 'ref' 'null'? heaptype ')' | 'funcref' | 'externref' | …
//   rectype    ::= '(' 'rec' typedef* ')' | typedef
//   typedef    ::= '(' 'type' id? subtype ')'
//   subtype    ::= '(' 'sub' 'final'? typeidx* comptype ')' | comptype
//   comptype   ::= '(' 'func' param* result* ')' | '(' 'struct' field* ')' | '(' 'array' fieldtype ')'
//   fieldtype  ::= storagetype | '(' 'mut' storagetype ')'
//   typeuse    ::= '(' 'type' typeidx ')' param* result* | param* result*

/// <summary>Parses types and type uses.</summary>
internal sealed partial class TypeParser(TokenReader reader, IndexSpace names, TypeTable table)
{
    private readonly List<ValType> _parameters = [];
    private readonly List<ValType> _results = [];

    /// <summary>Steps over a value type.</summary>
    /// <returns>The type.</returns>
    public ValType TakeValType() => TryTakeValType(out ValType type) ? type : throw reader.Unexpected("a value type");

    /// <summary>Steps over a reference type.</summary>
    /// <returns>The type.</returns>
    public ValType TakeRefType()
    {
        if (!IsRefTypeNext())
        {
            throw reader.Unexpected("a reference type");
        }

        return TakeValType();
    }

    /// <summary>Whether a reference type comes next.</summary>
    /// <returns>Whether it does.</returns>
    public bool IsRefTypeNext() => reader.IsOpen(Keyword.Ref)
        || (reader.Kind == TokenKind.Keyword && Shorthand((Keyword)reader.Current.Value) is { IsReference: true });

    /// <summary>Steps over a heap type.</summary>
    /// <returns>The type.</returns>
    public HeapType TakeHeapType()
    {
        if (reader.Kind != TokenKind.Keyword)
        {
            return IndexSpace.IsNext(reader) ? HeapType.Concrete(TakeTypeIndex()) : throw reader.Unexpected("a heap type");
        }

        HeapType? heap = (Keyword)reader.Current.Value switch
        {
            Keyword.Any => HeapType.Any,
            Keyword.Eq => HeapType.Eq,
            Keyword.I31 => HeapType.I31,
            Keyword.Struct => HeapType.Struct,
            Keyword.Array => HeapType.Array,
            Keyword.Func => HeapType.Func,
            Keyword.Extern => HeapType.Extern,
            Keyword.Exn => HeapType.Exn,
            Keyword.None => HeapType.None,
            Keyword.Nofunc => HeapType.NoFunc,
            Keyword.Noextern => HeapType.NoExtern,
            Keyword.Noexn => HeapType.NoExn,
            _ => null,
        };
        if (heap is null)
        {
            throw reader.Unexpected("a heap type");
        }

        reader.Position++;
        return heap.Value;
    }

    /// <summary>Steps over a type use.</summary>
    /// <param name="parameterNames">Gets the symbol of each parameter, or -1; null where they may not have one.</param>
    /// <returns>The index of its type.</returns>
    public uint TakeTypeUse(List<int>? parameterNames)
    {
        int start = reader.Position;
        bool isNamed = reader.TryOpen(Keyword.Type);
        uint index = 0;
        if (isNamed)
        {
            index = names.Take(reader);
            reader.ExpectClose();
        }

        FunctionType inline = TakeSignature(parameterNames);
        if (!isNamed)
        {
            return table.FindOrAdd(inline);
        }

        FunctionType? named = table.FunctionAt(index);
        if (inline.Parameters.Length + inline.Results.Length > 0)
        {
            CheckInline(named, inline, start);
        }
        else if (parameterNames is not null && named is not null)
        {
            parameterNames.AddRange(Enumerable.Repeat(-1, named.Parameters.Length));
        }

        return index;
    }

    /// <summary>Steps over what a block says of its type, and writes it.</summary>
    /// <param name="to">Where to.</param>
    /// <returns>Whether anything was said.</returns>
    public bool TakeBlockType(WasmWriter to)
    {
        if (!reader.IsOpen(Keyword.Type) && !reader.IsOpen(Keyword.Param))
        {
            int start = reader.Position;
            FunctionType inline = TakeSignature(parameterNames: null);
            switch (inline.Results)
            {
                case []:
                    to.Byte(0x40);
                    return reader.Position != start;
                case [ValType single]:
                    to.Type(single);
                    return true;
                default:
                    reader.Position = start;
                    break;
            }
        }

        to.Signed(TakeTypeUse(parameterNames: null));
        return true;
    }

    /// <summary>Steps over parameters and results.</summary>
    /// <param name="parameterNames">As for <see cref="TakeTypeUse"/>.</param>
    /// <returns>The function type.</returns>
    public FunctionType TakeSignature(List<int>? parameterNames)
    {
        _parameters.Clear();
        _results.Clear();
        while (reader.TryOpen(Keyword.Param))
        {
            TakeParameters(parameterNames);
        }

        while (reader.TryOpen(Keyword.Result))
        {
            TakeResults(_results);
        }

        return new FunctionType([.. _parameters], [.. _results]);
    }

    /// <summary>Steps over value types up to a closing parenthesis.</summary>
    /// <param name="to">Gets the types.</param>
    public void TakeResults(List<ValType> to)
    {
        while (!reader.TryClose())
        {
            to.Add(TakeValType());
        }
    }

    private void TakeParameters(List<int>? parameterNames)
    {
        if (parameterNames is not null && reader.Kind == TokenKind.Identifier)
        {
            parameterNames.Add(reader.TakeSymbol());
            _parameters.Add(TakeValType());
            reader.ExpectClose();
            return;
        }

        int before = _parameters.Count;
        TakeResults(_parameters);
        parameterNames?.AddRange(Enumerable.Repeat(-1, _parameters.Count - before));
    }

    private void CheckInline(FunctionType? named, FunctionType inline, int start)
    {
        // Parameters behind results, say, are a matter of grammar, whatever the types.
        if (reader.IsOpen(Keyword.Param) || reader.IsOpen(Keyword.Type))
        {
            throw reader.Unexpected("the end of the type");
        }

        if (named is null)
        {
            throw reader.Source.Error(reader.Source[start].Start, "unknown type");
        }

        if (!named.Equals(inline))
        {
            throw reader.Source.Error(
                reader.Source[start].Start, "inline function type does not match the type that is named");
        }
    }

    private bool TryTakeValType(out ValType type)
    {
        type = default;
        if (reader.TryOpen(Keyword.Ref))
        {
            bool isNullable = reader.TryTake(Keyword.Null);
            type = ValType.Reference(isNullable, TakeHeapType());
            reader.ExpectClose();
            return true;
        }

        if (reader.Kind != TokenKind.Keyword || Shorthand((Keyword)reader.Current.Value) is not { } found)
        {
            return false;
        }

        type = found;
        reader.Position++;
        return true;
    }

    private TypeIndex TakeTypeIndex()
    {
        int start = reader.Current.Start;
        uint index = names.Take(reader);
        return index <= int.MaxValue
            ? new TypeIndex((int)index) : throw reader.Source.Error(start, "unknown type: the index is too large");
    }

    private static ValType? Shorthand(Keyword keyword) => keyword switch
    {
        Keyword.I32 => ValType.I32,
        Keyword.I64 => ValType.I64,
        Keyword.F32 => ValType.F32,
        Keyword.F64 => ValType.F64,
        Keyword.V128 => ValType.V128,
        Keyword.Anyref => ValType.Reference(true, HeapType.Any),
        Keyword.Eqref => ValType.Reference(true, HeapType.Eq),
        Keyword.I31ref => ValType.Reference(true, HeapType.I31),
        Keyword.Structref => ValType.Reference(true, HeapType.Struct),
        Keyword.Arrayref => ValType.Reference(true, HeapType.Array),
        Keyword.Funcref => ValType.FuncRef,
        Keyword.Externref => ValType.ExternRef,
        Keyword.Exnref => ValType.ExnRef,
        Keyword.Nullref => ValType.Reference(true, HeapType.None),
        Keyword.Nullfuncref => ValType.Reference(true, HeapType.NoFunc),
        Keyword.Nullexternref => ValType.Reference(true, HeapType.NoExtern),
        Keyword.Nullexnref => ValType.Reference(true, HeapType.NoExn),
        _ => null,
    };
}
