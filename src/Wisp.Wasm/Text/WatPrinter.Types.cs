using Wisp.Wasm.Model;

namespace Wisp.Wasm.Text;

// This part: types.
public sealed partial class WatPrinter
{
    private void PrintTypes()
    {
        int index = 0;
        while (index < _module.Types.Length)
        {
            int groupLength = Math.Max(1, _module.Types[index].GroupLength);
            if (groupLength == 1)
            {
                PrintDefinedType(index, depth: 1);
            }
            else
            {
                _to.Write("  (rec\n");
                for (int i = index; i < index + groupLength; i++)
                {
                    PrintDefinedType(i, depth: 2);
                }

                _to.Write("  )\n");
            }

            index += groupLength;
        }
    }

    private void PrintDefinedType(int index, int depth)
    {
        DefinedType type = _module.Types[index];
        Indent(depth);
        _to.Write($"(type (;{index};) ");
        bool isSub = !type.IsFinal || type.Supertype is not null;
        if (isSub)
        {
            _to.Write(type.IsFinal ? "(sub final " : "(sub ");
            if (type.Supertype is { } supertype)
            {
                _to.Write($"{supertype.Index} ");
            }
        }

        PrintComposite(type.Composite);
        _to.Write(isSub ? "))\n" : ")\n");
    }

    private void PrintComposite(CompositeType composite)
    {
        switch (composite)
        {
            case FunctionType function:
                _to.Write("(func");
                PrintSignature(function, locals: null);
                _to.Write(')');
                break;
            case StructType structure:
                _to.Write("(struct");
                foreach (FieldType field in structure.Fields)
                {
                    _to.Write(" (field ");
                    PrintFieldType(field);
                    _to.Write(')');
                }

                _to.Write(')');
                break;
            case ArrayType array:
                _to.Write("(array ");
                PrintFieldType(array.Element);
                _to.Write(')');
                break;
        }
    }

    private void PrintFieldType(FieldType field)
    {
        string type = field.Packing switch
        {
            FieldPacking.I8 => "i8",
            FieldPacking.I16 => "i16",
            _ => TypeNames.Of(field.Type),
        };
        _to.Write(field.IsMutable ? $"(mut {type})" : type);
    }

    /// <summary>Prints <c>(type n)</c>, and parameters and results if it is a function type.</summary>
    private void PrintTypeUse(TypeIndex type, string?[]? locals)
    {
        _to.Write($" (type {(uint)type.Index})");
        if ((uint)type.Index < (uint)_module.Types.Length
            && _module.Types[type.Index].Composite is FunctionType function)
        {
            PrintSignature(function, locals);
        }
    }

    // Parameters with identifiers stand alone, the others are collected.
    private void PrintSignature(FunctionType function, string?[]? locals)
    {
        PrintDeclarations("param", function.Parameters, locals);
        PrintDeclarations("result", function.Results, names: null);
    }

    private void PrintDeclarations(string word, ReadOnlySpan<ValType> types, ReadOnlySpan<string?> names)
    {
        bool isOpen = false;
        for (int i = 0; i < types.Length; i++)
        {
            string? name = i < names.Length ? names[i] : null;
            if (isOpen && name is not null)
            {
                _to.Write(')');
                isOpen = false;
            }

            if (name is not null)
            {
                _to.Write($" ({word} {name} {TypeNames.Of(types[i])})");
                continue;
            }

            _to.Write(isOpen ? " " : $" ({word} ");
            _to.Write(TypeNames.Of(types[i]));
            isOpen = true;
        }

        if (isOpen)
        {
            _to.Write(')');
        }
    }

    private void PrintTableType(TableType type)
    {
        _to.Write(type.Is64 ? " i64" : "");
        PrintLimits(type.Limits);
        _to.Write(' ');
        _to.Write(TypeNames.Of(type.Element));
    }

    private void PrintMemoryType(MemoryType type)
    {
        _to.Write(type.Is64 ? " i64" : "");
        PrintLimits(type.Limits);
        _to.Write(type.IsShared ? " shared" : "");
    }

    private void PrintLimits(Limits limits)
    {
        _to.Write($" {limits.Minimum}");
        if (limits.Maximum is { } maximum)
        {
            _to.Write($" {maximum}");
        }
    }

    private void PrintGlobalType(GlobalType type) =>
        _to.Write(type.IsMutable ? $" (mut {TypeNames.Of(type.Type)})" : $" {TypeNames.Of(type.Type)}");
}
