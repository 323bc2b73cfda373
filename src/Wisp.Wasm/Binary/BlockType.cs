using System.Diagnostics.CodeAnalysis;
using Wisp.Wasm.Model;

namespace Wisp.Wasm.Binary;

/// <summary>The type of a block: nothing, one result, or a function type.</summary>
/// <remarks>
/// Source: <see href="https://webassembly.github.io/spec/core/binary/instructions.html#control-instructions">block types</see>.
/// </remarks>
public readonly record struct BlockType
{
    private const int WithoutIndex = -1;

    private readonly int _type;
    private readonly ValType _result;

    private BlockType(int type, ValType result)
    {
        _type = type;
        _result = result;
    }

    /// <summary>No parameters and no results.</summary>
    public static BlockType Empty { get; } = new(WithoutIndex, default);

    /// <summary>The function type, or null when the block has no parameters and at most one result.</summary>
    public TypeIndex? Type => _type >= 0 ? new TypeIndex(_type) : null;

    /// <summary>The only result, or null when there is none or a function type says them.</summary>
    public ValType? Result => _type < 0 && _result.Kind != ValueKind.Bottom ? _result : null;

    /// <summary>A block with one result.</summary>
    /// <param name="result">Its type.</param>
    /// <returns>The block type.</returns>
    public static BlockType Of(ValType result) => new(WithoutIndex, result);

    /// <summary>A block with the parameters and results of a function type.</summary>
    /// <param name="type">Index of a function type.</param>
    /// <returns>The block type.</returns>
    public static BlockType Of(TypeIndex type) => new(type.Index, default);

    /// <summary>What the block takes from the operand stack.</summary>
    /// <param name="module">The module, in which the validator has checked the function type.</param>
    /// <returns>The types, deepest first.</returns>
    public ReadOnlySpan<ValType> Parameters(WasmModule module) =>
        _type >= 0 ? module.FunctionTypeAt(new TypeIndex(_type)).Parameters : [];

    /// <summary>What the block leaves on the operand stack.</summary>
    /// <param name="module">The module, in which the validator has checked the function type.</param>
    /// <returns>The types, deepest first; a span of this very variable when there is one without a function type.</returns>
    [UnscopedRef]
    public ReadOnlySpan<ValType> Results(WasmModule module)
    {
        if (_type >= 0)
        {
            return module.FunctionTypeAt(new TypeIndex(_type)).Results;
        }

        return _result.Kind == ValueKind.Bottom ? [] : new ReadOnlySpan<ValType>(in _result);
    }
}
