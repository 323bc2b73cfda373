namespace Wisp.Wasm.Text;

// v128   https://webassembly.github.io/spec/core/text/instructions.html#vector-instructions
//   'i8x16' i8^16 | 'i16x8' i16^8 | 'i32x4' i32^4 | 'i64x2' i64^2 | 'f32x4' f32^4 | 'f64x2' f64^2

/// <summary>Reads vector constants.</summary>
internal static class VectorText
{
    /// <summary>The shape that a word names.</summary>
    /// <param name="word">The word.</param>
    /// <returns>Number of lanes, their width, and whether they are floating-point; no lanes if it names no shape.</returns>
    public static (int Lanes, int Bits, bool IsFloat) ShapeOf(Keyword word) => word switch
    {
        Keyword.I8x16 => (16, 8, false),
        Keyword.I16x8 => (8, 16, false),
        Keyword.I32x4 => (4, 32, false),
        Keyword.I64x2 => (2, 64, false),
        Keyword.F32x4 => (4, 32, true),
        Keyword.F64x2 => (2, 64, true),
        _ => default,
    };

    /// <summary>Steps over the shape and lanes of a vector and writes its 16 bytes.</summary>
    /// <param name="reader">The tokens.</param>
    /// <param name="to">Where to.</param>
    public static void Take(TokenReader reader, WasmWriter to)
    {
        (int lanes, int bits, bool isFloat) =
            reader.Kind == TokenKind.Keyword ? ShapeOf((Keyword)reader.Current.Value) : default;
        if (lanes == 0)
        {
            throw reader.Unexpected("the shape of a vector");
        }

        reader.Position++;
        CheckCount(reader, lanes);
        for (int i = 0; i < lanes; i++)
        {
            ulong lane = isFloat ? reader.TakeFloat(bits) : reader.TakeInteger(bits);
            for (int shift = 0; shift < bits; shift += 8)
            {
                to.Byte((byte)(lane >> shift));
            }
        }
    }

    /// <summary>Whether a token is a number, well written or not.</summary>
    /// <param name="reader">The tokens.</param>
    /// <param name="position">Position of the token.</param>
    /// <returns>Whether it is.</returns>
    public static bool IsLiteral(TokenReader reader, int position)
    {
        Token token = reader.Source[position];
        return token.Kind == TokenKind.Number
            || (token.Kind == TokenKind.Keyword && token.Value >= (int)Keyword.Unknown);
    }

    private static void CheckCount(TokenReader reader, int lanes)
    {
        int count = 0;
        while (IsLiteral(reader, reader.Position + count))
        {
            count++;
        }

        if (reader.Source[reader.Position + count].Kind == TokenKind.Reserved)
        {
            reader.Position += count;
            throw reader.UnknownOperator();
        }

        if (count != lanes)
        {
            throw reader.Error($"wrong number of lane literals: {count} instead of {lanes}");
        }
    }
}
