using System.Collections.Frozen;
using Wisp.Wasm.Binary;

namespace Wisp.Wasm.Text;

/// <summary>Finds the meaning of a word.</summary>
internal static class Keywords
{
    // No word is longer.
    private const int LongestWord = 40;

    // In the order of the enumeration, after Unknown.
    private static readonly string[] Words =
    [
        "align=", "offset=", "func", "type", "rec", "sub", "final", "struct", "array", "field",
        "mut", "param", "result", "local", "export", "import", "start", "offset", "item", "declare",
        "shared", "module", "tag", "global", "table", "memory", "data", "elem", "then", "i8", "i16",
        "i32", "i64", "f32", "f64", "v128", "i8x16", "i16x8", "i32x4", "i64x2", "f32x4", "f64x2",
        "ref", "null", "any", "eq", "i31", "extern", "exn", "none", "nofunc", "noextern", "noexn",
        "anyref", "eqref", "i31ref", "structref", "arrayref", "funcref", "externref", "exnref",
        "nullref", "nullfuncref", "nullexternref", "nullexnref", "catch", "catch_ref", "catch_all",
        "catch_all_ref", "binary", "quote", "definition", "instance", "register", "invoke", "get",
        "either", "thread", "wait", "assert_return", "assert_trap", "assert_exhaustion",
        "assert_malformed", "assert_invalid", "assert_unlinkable", "assert_exception",
        "assert_malformed_custom", "assert_invalid_custom", "ref.extern", "ref.host", "ref.any",
        "ref.struct", "ref.array", "ref.exn", "nan", "inf", "nan:canonical", "nan:arithmetic",
    ];

    private static readonly FrozenDictionary<string, Keyword> ByText = MapWords();

    /// <summary>The meaning of a word that starts with a small letter.</summary>
    /// <param name="text">The word.</param>
    /// <returns>An opcode or a <see cref="Keyword"/>, as a number.</returns>
    public static int Find(ReadOnlySpan<byte> text)
    {
        if (text.StartsWith("offset="u8))
        {
            return (int)Keyword.OffsetEquals;
        }

        if (text.StartsWith("align="u8))
        {
            return (int)Keyword.AlignEquals;
        }

        if (text.Length > LongestWord)
        {
            return (int)Keyword.Unknown;
        }

        Span<char> chars = stackalloc char[LongestWord];
        for (int i = 0; i < text.Length; i++)
        {
            chars[i] = (char)text[i];
        }

        chars = chars[..text.Length];
        if (Opcodes.TryParse(chars, out Opcode opcode))
        {
            return (int)opcode;
        }

        return ByText.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(chars, out Keyword keyword)
            ? (int)keyword : (int)Keyword.Unknown;
    }

    /// <summary>How a word is written.</summary>
    /// <param name="keyword">The word.</param>
    /// <returns>Its text.</returns>
    public static string Text(this Keyword keyword) => Words[(int)keyword - (int)Keyword.Unknown - 1];

    private static FrozenDictionary<string, Keyword> MapWords()
    {
        var map = new Dictionary<string, Keyword>(Words.Length);
        for (int i = 0; i < Words.Length; i++)
        {
            map.Add(Words[i], Keyword.Unknown + 1 + i);
        }

        return map.ToFrozenDictionary();
    }
}
