namespace Wisp.Wasm.Model;

// https://webassembly.github.io/spec/core/syntax/types.html

/// <summary>What a defined type is made of.</summary>
public abstract record CompositeType;

/// <summary>Parameters and results of a function.</summary>
/// <param name="Parameters">Parameter types, first to last.</param>
/// <param name="Results">Result types, first to last.</param>
public sealed record FunctionType(ValType[] Parameters, ValType[] Results) : CompositeType
{
    /// <summary>Compares the types of parameters and results, one by one.</summary>
    /// <param name="other">The other type.</param>
    /// <returns>Whether both are written the same.</returns>
    public bool Equals(FunctionType? other) => other is not null
        && Parameters.AsSpan().SequenceEqual(other.Parameters) && Results.AsSpan().SequenceEqual(other.Results);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (ValType type in Parameters)
        {
            hash.Add(type);
        }

        hash.Add(-1);
        foreach (ValType type in Results)
        {
            hash.Add(type);
        }

        return hash.ToHashCode();
    }
}

/// <summary>How a field is stored: as a value type, or packed into 8 or 16 bits.</summary>
public enum FieldPacking : byte
{
    /// <summary>As its value type.</summary>
    None,

    /// <summary>In 8 bits.</summary>
    I8,

    /// <summary>In 16 bits.</summary>
    I16,
}

/// <summary>A field of a structure, or the elements of an array.</summary>
/// <param name="Type">The value type; i32 when packed.</param>
/// <param name="Packing">Whether stored in fewer bits.</param>
/// <param name="IsMutable">Whether it can be written after creation.</param>
public readonly record struct FieldType(ValType Type, FieldPacking Packing, bool IsMutable);

/// <summary>A structure.</summary>
/// <param name="Fields">Its fields in order.</param>
public sealed record StructType(FieldType[] Fields) : CompositeType;

/// <summary>An array.</summary>
/// <param name="Element">The type of all its elements.</param>
public sealed record ArrayType(FieldType Element) : CompositeType;

/// <summary>A type that the module defines, with its place in the subtype hierarchy.</summary>
/// <param name="Composite">What it is made of.</param>
/// <param name="Supertype">The declared supertype, if any.</param>
/// <param name="IsFinal">Whether no other type may declare this one as its supertype.</param>
/// <param name="GroupStart">Index of the first type of its recursion group.</param>
/// <param name="GroupLength">Number of types in its recursion group.</param>
public sealed record DefinedType(
    CompositeType Composite, TypeIndex? Supertype, bool IsFinal, int GroupStart, int GroupLength);

/// <summary>Bounds of a memory in pages or of a table in elements.</summary>
/// <param name="Minimum">Size at the start.</param>
/// <param name="Maximum">Largest size, or null for none declared.</param>
public readonly record struct Limits(ulong Minimum, ulong? Maximum);

/// <summary>The type of a memory.</summary>
/// <param name="Limits">Size in pages of 64 KiB.</param>
/// <param name="Is64">Whether addresses are i64.</param>
/// <param name="IsShared">Whether several threads may use it.</param>
public readonly record struct MemoryType(Limits Limits, bool Is64, bool IsShared);

/// <summary>The type of a table.</summary>
/// <param name="Element">The reference type of its elements.</param>
/// <param name="Limits">Size in elements.</param>
/// <param name="Is64">Whether indices are i64.</param>
public readonly record struct TableType(ValType Element, Limits Limits, bool Is64);

/// <summary>The type of a global.</summary>
/// <param name="Type">Type of its value.</param>
/// <param name="IsMutable">Whether it can be written.</param>
public readonly record struct GlobalType(ValType Type, bool IsMutable);

/// <summary>The type of a tag.</summary>
/// <param name="Type">The function type whose parameters are the exception's values.</param>
public readonly record struct TagType(TypeIndex Type);
