using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Wisp.Wasm.Validation;

/// <summary>Throws for modules that break a rule: one method for each message of the specification's test suite.</summary>
internal static class Invalid
{
    // Longer lists of types are cut in messages.
    private const int MaxTypesInText = 16;

    private const int MaxNameInText = 200;

    [DoesNotReturn]
    public static void TypeMismatch(string details, int offset) =>
        throw new InvalidModuleException($"type mismatch: {details}", offset);

    [DoesNotReturn]
    public static void TypeMismatch(
        ReadOnlySpan<OperandType> wanted, ReadOnlySpan<OperandType> actual, int offset) =>
        TypeMismatch($"instruction requires {Text(wanted)} but stack has {Text(actual)}", offset);

    [DoesNotReturn]
    public static void Unknown(string what, int index, int offset) =>
        throw new InvalidModuleException($"unknown {what} {(uint)index}", offset);

    [DoesNotReturn]
    public static void Because(string reason, int offset) => throw new InvalidModuleException(reason, offset);

    [DoesNotReturn]
    public static void LimitExceeded(string what, long limit, int offset) =>
        throw new InvalidModuleException($"implementation limit exceeded: more than {limit} {what}", offset);

    /// <summary>A name from the guest, escaped and cut to 200 characters.</summary>
    public static string Quoted(string name)
    {
        var text = new StringBuilder();
        foreach (char c in name.AsSpan(0, Math.Min(name.Length, MaxNameInText)))
        {
            text.Append(c is >= ' ' and < '\x7f' and not ('"' or '\\') ? c.ToString() : $"\\u{{{(int)c:x}}}");
        }

        return text.Append(name.Length > MaxNameInText ? "..." : "").ToString();
    }

    public static string Text(ReadOnlySpan<OperandType> types)
    {
        var text = new StringBuilder("[");
        for (int i = 0; i < types.Length && i < MaxTypesInText; i++)
        {
            text.Append(i > 0 ? " " : "").Append(types[i].ToString());
        }

        return text.Append(types.Length > MaxTypesInText ? " ...]" : "]").ToString();
    }
}
