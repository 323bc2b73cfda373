using System.Globalization;
using Wisp.Wasm.Model;
using Wisp.Wasm.Text;
using Wisp.Wasm.Text.Scripts;

namespace Wisp.Cli.Scripts;

/// <summary>Turns values of scripts into values of the engine and compares them.</summary>
internal static class ScriptValues
{
    /// <summary>The value of an argument.</summary>
    /// <param name="value">The argument.</param>
    /// <returns>The value.</returns>
    public static Value ToValue(ScriptValue value) => value.Kind switch
    {
        ScriptValueKind.I32 => Value.FromBits(ValType.I32, value.Bits),
        ScriptValueKind.I64 => Value.FromBits(ValType.I64, value.Bits),
        ScriptValueKind.F32 => Value.FromBits(ValType.F32, value.Bits),
        ScriptValueKind.F64 => Value.FromBits(ValType.F64, value.Bits),
        ScriptValueKind.V128 => Value.FromVector(new UInt128(value.HighBits, value.Bits)),
        ScriptValueKind.RefNull => Value.Null(ValType.Reference(true, value.Heap)),
        _ => Value.FromExternal(new HostReference(value.Bits)),
    };

    /// <summary>Whether a result is as it must be.</summary>
    /// <param name="pattern">What it must be.</param>
    /// <param name="value">The result.</param>
    /// <returns>Whether it matches.</returns>
    public static bool Matches(ResultPattern pattern, Value value) => pattern.Kind switch
    {
        ScriptValueKind.I32 => value.Type == ValType.I32 && pattern.Number.Matches(value.Bits, 32),
        ScriptValueKind.I64 => value.Type == ValType.I64 && pattern.Number.Matches(value.Bits, 64),
        ScriptValueKind.F32 => value.Type == ValType.F32 && pattern.Number.Matches(value.Bits, 32),
        ScriptValueKind.F64 => value.Type == ValType.F64 && pattern.Number.Matches(value.Bits, 64),
        ScriptValueKind.V128 => value.Type == ValType.V128 && LanesMatch(pattern.Lanes, value.AsVector()),
        ScriptValueKind.RefNull => value.Type.IsReference && value.IsNull,
        ScriptValueKind.RefFunc => value.Type.IsReference && !value.IsNull && value.AsFunction() is not null,
        ScriptValueKind.RefExtern or ScriptValueKind.RefHost => value.Type.IsReference && !value.IsNull
            && (pattern.Reference is null || Equals(value.AsExternal(), new HostReference(pattern.Reference.Value))),
        ScriptValueKind.Either => pattern.Choices.Any(choice => Matches(choice, value)),
        _ => value.Type.IsReference && !value.IsNull,
    };

    /// <summary>A value for a message.</summary>
    /// <param name="value">The value.</param>
    /// <returns>Its type and value; floating-point numbers with their bits.</returns>
    public static string Describe(Value value)
    {
        string type = TypeNames.Of(value.Type);
        return value.Type.Kind switch
        {
            ValueKind.F32 => $"{type} {value} (0x{value.Bits:x8})",
            ValueKind.F64 => $"{type} {value} (0x{value.Bits:x16})",
            _ => $"{type} {value}",
        };
    }

    /// <summary>What a result must be, for a message.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <returns>Its text.</returns>
    public static string Describe(ResultPattern pattern) => pattern.Kind switch
    {
        ScriptValueKind.I32 => $"i32 {(int)pattern.Number.Bits}",
        ScriptValueKind.I64 => $"i64 {(long)pattern.Number.Bits}",
        ScriptValueKind.F32 or ScriptValueKind.F64 => $"{pattern.Kind.ToString().ToLowerInvariant()} {Describe(pattern.Number)}",
        ScriptValueKind.V128 => $"v128 of lanes {string.Join(' ', pattern.Lanes.Select(Describe))}",
        ScriptValueKind.Either => string.Join(" or ", pattern.Choices.Select(Describe)),
        _ => $"{pattern.Kind} {pattern.Reference?.ToString(CultureInfo.InvariantCulture)}",
    };

    private static string Describe(NumberPattern number) => number.Nan switch
    {
        NanPattern.Canonical => "nan:canonical",
        NanPattern.Arithmetic => "nan:arithmetic",
        _ => $"0x{number.Bits:x}",
    };

    private static bool LanesMatch(NumberPattern[] lanes, UInt128 vector)
    {
        int width = 128 / lanes.Length;
        for (int i = 0; i < lanes.Length; i++)
        {
            ulong lane = (ulong)(vector >> (i * width)) & (ulong.MaxValue >> (64 - width));
            if (!lanes[i].Matches(lane, width))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>What <c>(ref.extern n)</c> refers to.</summary>
    private sealed record HostReference(ulong Number)
    {
        public override string ToString() => Number.ToString(CultureInfo.InvariantCulture);
    }
}
