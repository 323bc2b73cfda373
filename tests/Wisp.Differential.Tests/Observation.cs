namespace Wisp.Differential.Tests;

/// <summary>What a run of a module showed, as lines that must be the same in every engine.</summary>
internal sealed class Observation
{
    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines => _lines;

    public void Add(string line) => _lines.Add(line);

    /// <summary>A number by its bits; every NaN is one, since engines may choose its payload.</summary>
    public static string Number(object? value) => value switch
    {
        float single => float.IsNaN(single) ? "f32 nan" : $"f32 {BitConverter.SingleToUInt32Bits(single):x8}",
        double number => double.IsNaN(number) ? "f64 nan" : $"f64 {BitConverter.DoubleToUInt64Bits(number):x16}",
        int number => $"i32 {number:x8}",
        long number => $"i64 {number:x16}",
        UInt128 vector => $"v128 {vector:x32}",
        null => "null",
        _ => value.GetType().Name,
    };

    /// <summary>FNV-1a of a memory.</summary>
    public static string Hash(ReadOnlySpan<byte> bytes)
    {
        ulong hash = 14695981039346656037;
        foreach (byte b in bytes)
        {
            hash = (hash ^ b) * 1099511628211;
        }

        return $"{bytes.Length} bytes {hash:x16}";
    }

    /// <summary>The first line that differs, with the one before it, or null when both saw the same.</summary>
    public static string? Difference(Observation left, Observation right)
    {
        int count = Math.Max(left.Lines.Count, right.Lines.Count);
        for (int i = 0; i < count; i++)
        {
            string ours = i < left.Lines.Count ? left.Lines[i] : "<nothing>";
            string theirs = i < right.Lines.Count ? right.Lines[i] : "<nothing>";
            if (ours != theirs)
            {
                string before = i > 0 ? left.Lines[i - 1] : "<start>";
                return $"after [{before}]: wisp [{ours}], wasmtime [{theirs}]";
            }
        }

        return null;
    }
}
