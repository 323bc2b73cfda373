using System.Globalization;
using Wisp.Permissions;
using Wisp.Wasm.Model;

namespace Wisp.Cli.Commands;

/// <summary>Arguments and results of an invoked function as text.</summary>
internal static class ValueText
{
    /// <summary>Reads the arguments of a function.</summary>
    /// <exception cref="CommandException">Their number or one of them does not fit.</exception>
    public static Value[] Parse(FunctionType type, string[] arguments)
    {
        if (arguments.Length != type.Parameters.Length)
        {
            string wanted = string.Join(" ", type.Parameters.Select(parameter => parameter.Kind.ToString().ToLowerInvariant()));
            throw CommandException.Usage(
                $"the function takes {type.Parameters.Length} arguments ({wanted}), {arguments.Length} were given");
        }

        var values = new Value[arguments.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Parse(type.Parameters[i], arguments[i]) ?? throw CommandException.Usage(
                $"argument {i + 1}: {GuestText.Quote(arguments[i])} is no {type.Parameters[i].Kind.ToString().ToLowerInvariant()}");
        }

        return values;
    }

    /// <summary>A result: integers signed, floats in the shortest form that reads back.</summary>
    public static string Format(Value value) => value.Type.Kind switch
    {
        ValueKind.F32 => Format(value.AsSingle()),
        ValueKind.F64 => Format(value.AsDouble()),
        _ => value.ToString(),
    };

    private static string Format(double value) => value switch
    {
        double.PositiveInfinity => "inf",
        double.NegativeInfinity => "-inf",
        _ => double.IsNaN(value) ? "nan" : value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static string Format(float value) =>
        float.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture) : Format((double)value);

    private static Value? Parse(ValType type, string text) => type.Kind switch
    {
        ValueKind.I32 => ParseInteger(text, int.MinValue, uint.MaxValue) is Int128 number ? Value.FromInt32((int)(uint)(long)number) : null,
        ValueKind.I64 => ParseInteger(text, long.MinValue, ulong.MaxValue) is Int128 number ? Value.FromInt64((long)(ulong)(UInt128)number) : null,
        ValueKind.F32 => ParseFloat(text) is double number ? Value.FromSingle(SingleOf(text, number)) : null,
        ValueKind.F64 => ParseFloat(text) is double number ? Value.FromDouble(number) : null,
        ValueKind.Ref when type.IsNullable && text == "null" => Value.Null(type),
        _ => null,
    };

    private static Int128? ParseInteger(string text, Int128 least, Int128 most)
    {
        bool isNegative = text.StartsWith('-');
        ReadOnlySpan<char> digits = text.AsSpan(isNegative ? 1 : 0);
        bool isHexadecimal = digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        if (digits.Length > 40
            || !(isHexadecimal
                ? UInt128.TryParse(digits[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out UInt128 magnitude)
                : UInt128.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out magnitude))
            || magnitude > ulong.MaxValue)
        {
            return null;
        }

        Int128 number = isNegative ? -(Int128)magnitude : (Int128)magnitude;
        return number >= least && number <= most ? number : null;
    }

    private static double? ParseFloat(string text) => text switch
    {
        "inf" or "+inf" => double.PositiveInfinity,
        "-inf" => double.NegativeInfinity,
        "nan" => double.NaN,
        _ => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
            ? number
            : null,
    };

    /// <summary>Rounds once, from the text: by way of a double, some numbers would be rounded twice.</summary>
    private static float SingleOf(string text, double number) =>
        float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float single) ? single : (float)number;
}
