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
        for (int i = 0; i < lanes; i++)
        {
            if (reader.Kind is not (TokenKind.Number or TokenKind.Keyword))
            {
                throw reader.Kind == TokenKind.RightParen
                    ? reader.Error($"wrong number of lane literals: {i} instead of {lanes}")
                    : reader.Unexpected("a lane");
            }

            ulong lane = isFloat ? reader.TakeFloat(bits) : reader.TakeInteger(bits);
            for (int shift = 0; shift < bits; shift += 8)
            {
                to.Byte((byte)(lane >> shift));
            }
        }

        if (reader.Kind == TokenKind.Number)
        {
            throw reader.Error($"wrong number of lane literals: more than {lanes}");
        }
    }
}
