using Wisp.Wasm.Model;

namespace Wisp.Wasm.Validation;

/// <summary>The rules for the type section.</summary>
/// <remarks>
/// Source: <see href="https://webassembly.github.io/spec/core/valid/types.html">types</see> and
/// <see href="https://webassembly.github.io/spec/core/valid/matching.html">matching</see>.
/// </remarks>
internal static class TypeRules
{
    /// <summary>Longest chain of supertypes: what other engines allow. It bounds every walk up such a chain.</summary>
    private const int MaxSubtypeDepth = 63;

    private const int NoOffset = -1;

    /// <summary>Checks the types.</summary>
    /// <param name="module">The module.</param>
    /// <returns>The context for everything else.</returns>
    public static ModuleContext Check(WasmModule module)
    {
        CheckReferences(module);
        var context = new ModuleContext(module);
        CheckSupertypes(context);
        return context;
    }

    /// <summary>Checks that the type which a value type refers to exists.</summary>
    /// <param name="type">The value type.</param>
    /// <param name="count">How many types there are for it.</param>
    public static void CheckKnown(ValType type, int count)
    {
        if (type.IsReference && type.Heap.Code >= count)
        {
            Invalid.Unknown("type", type.Heap.Code, NoOffset);
        }
    }

    // A type may refer to its own recursion group and to those before it, and have supertypes before itself. This alone makes
    // canonicalization safe.
    private static void CheckReferences(WasmModule module)
    {
        byte[] depths = new byte[module.Types.Length];
        for (int i = 0; i < module.Types.Length; i++)
        {
            DefinedType type = module.Types[i];
            int known = type.GroupStart + type.GroupLength;
            switch (type.Composite)
            {
                case FunctionType function:
                    CheckKnown(function.Parameters, known);
                    CheckKnown(function.Results, known);
                    break;
                case StructType structure:
                    foreach (FieldType field in structure.Fields)
                    {
                        CheckKnown(field.Type, known);
                    }

                    break;
                case ArrayType array:
                    CheckKnown(array.Element.Type, known);
                    break;
                default:
                    throw new InvalidOperationException($"composite type {type.Composite}");
            }

            if (type.Supertype is { } super)
            {
                if (super.Index >= i)
                {
                    Invalid.Unknown("type", super.Index, NoOffset);
                }

                depths[i] = (byte)(depths[super.Index] + 1);
                if (depths[i] > MaxSubtypeDepth)
                {
                    Invalid.LimitExceeded("supertypes of one type", MaxSubtypeDepth, NoOffset);
                }
            }
        }
    }

    private static void CheckKnown(ValType[] types, int count)
    {
        foreach (ValType type in types)
        {
            CheckKnown(type, count);
        }
    }

    private static void CheckSupertypes(ModuleContext context)
    {
        WasmModule module = context.Module;
        for (int i = 0; i < module.Types.Length; i++)
        {
            DefinedType type = module.Types[i];
            if (type.Supertype is not { } super)
            {
                continue;
            }

            DefinedType above = module.Types[super.Index];
            if (above.IsFinal || !Matches(context, type.Composite, above.Composite))
            {
                Invalid.Because(
                    $"sub type {i} does not match super type {super.Index}{(above.IsFinal ? ", which is final" : "")}", NoOffset);
            }
        }
    }

    private static bool Matches(ModuleContext context, CompositeType actual, CompositeType wanted) => (actual, wanted) switch
    {
        (FunctionType a, FunctionType w) => Matches(context, w.Parameters, a.Parameters) && Matches(context, a.Results, w.Results),
        (StructType a, StructType w) => Matches(context, a.Fields, w.Fields),
        (ArrayType a, ArrayType w) => Matches(context, a.Element, w.Element),
        _ => false,
    };

    private static bool Matches(ModuleContext context, ValType[] actual, ValType[] wanted)
    {
        if (actual.Length != wanted.Length)
        {
            return false;
        }

        for (int i = 0; i < actual.Length; i++)
        {
            if (!context.IsSubtype(OperandType.From(actual[i]), OperandType.From(wanted[i])))
            {
                return false;
            }
        }

        return true;
    }

    // A structure may add fields at its end.
    private static bool Matches(ModuleContext context, FieldType[] actual, FieldType[] wanted)
    {
        if (actual.Length < wanted.Length)
        {
            return false;
        }

        for (int i = 0; i < wanted.Length; i++)
        {
            if (!Matches(context, actual[i], wanted[i]))
            {
                return false;
            }
        }

        return true;
    }

    // What can be written must have the same type; what can only be read may have a smaller one.
    private static bool Matches(ModuleContext context, FieldType actual, FieldType wanted)
    {
        if (actual.Packing != wanted.Packing || actual.IsMutable != wanted.IsMutable)
        {
            return false;
        }

        OperandType a = OperandType.From(actual.Type);
        OperandType w = OperandType.From(wanted.Type);
        return context.IsSubtype(a, w) && (!actual.IsMutable || context.IsSubtype(w, a));
    }
}
