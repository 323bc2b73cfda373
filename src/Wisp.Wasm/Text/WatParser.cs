using System.Text;

namespace Wisp.Wasm.Text;

/// <summary>Turns a module in the text format into a binary module. Identifiers become its name section.</summary>
/// <remarks>
/// The text of a module is checked as far as the specification calls it malformed; whether the module is valid is decided from
/// the binary, as for any other module. Source:
/// <see href="https://webassembly.github.io/spec/core/text/index.html">text format</see>.
/// </remarks>
public static class WatParser
{
    /// <summary>Parses a module.</summary>
    /// <param name="source">The text.</param>
    /// <param name="name">What errors call it: usually its path.</param>
    /// <returns>The binary module.</returns>
    /// <exception cref="TextFormatException">The text is not a module.</exception>
    public static byte[] ParseModule(string source, string name = "<text>")
    {
        ArgumentNullException.ThrowIfNull(source);
        return ParseModule(Encoding.UTF8.GetBytes(source), name);
    }

    /// <summary>Parses a module.</summary>
    /// <param name="utf8">The text as UTF-8.</param>
    /// <param name="name">What errors call it: usually its path.</param>
    /// <returns>The binary module.</returns>
    /// <exception cref="TextFormatException">The text is not a module.</exception>
    public static byte[] ParseModule(ReadOnlySpan<byte> utf8, string name = "<text>")
    {
        TextSource source = TextSource.Read(name, utf8.ToArray());
        var reader = new TokenReader(source, 0);
        if (!reader.TryOpen(Keyword.Module))
        {
            byte[] fields = ModuleParser.Parse(source, 0, symbol: -1, out int end);
            ExpectEnd(source, end);
            return fields;
        }

        int symbol = reader.TakeSymbol();
        byte[] module = reader.Is(Keyword.Binary) || reader.Is(Keyword.Quote)
            ? ParseStrings(reader, name)
            : ParseFields(reader, symbol);
        reader.ExpectClose();
        ExpectEnd(source, reader.Position);
        return module;
    }

    private static byte[] ParseFields(TokenReader reader, int symbol)
    {
        byte[] module = ModuleParser.Parse(reader.Source, reader.Position, symbol, out int end);
        reader.Position = end;
        return module;
    }

    // (module binary "…"*) and (module quote "…"*), which the reference interpreter takes as modules as well.
    private static byte[] ParseStrings(TokenReader reader, string name)
    {
        bool isText = reader.TryTake(Keyword.Quote);
        if (!isText)
        {
            reader.Expect(Keyword.Binary);
        }

        var bytes = new WasmWriter();
        while (reader.Kind == TokenKind.String)
        {
            bytes.Bytes(reader.TakeString());
        }

        return isText ? ParseQuoted(bytes.Written, name) : bytes.Written.ToArray();
    }

    // A quoted module that quotes a module is refused, so this does not go deeper.
    private static byte[] ParseQuoted(ReadOnlySpan<byte> utf8, string name)
    {
        TextSource source = TextSource.Read(name, utf8.ToArray());
        var reader = new TokenReader(source, 0);
        bool hasHead = reader.TryOpen(Keyword.Module);
        byte[] module = ParseFields(reader, hasHead ? reader.TakeSymbol() : -1);
        if (hasHead)
        {
            reader.ExpectClose();
        }

        ExpectEnd(source, reader.Position);
        return module;
    }

    private static void ExpectEnd(TextSource source, int position)
    {
        var reader = new TokenReader(source, position);
        if (reader.Kind != TokenKind.End)
        {
            throw reader.Unexpected("the end of the text");
        }
    }
}
