namespace Wisp.Wasm.Text;

/// <summary>The indices of one kind and the identifiers bound to them.</summary>
/// <param name="shortName">The kind as the text format abbreviates it, for "duplicate func".</param>
/// <param name="name">The kind in words, for "unknown function".</param>
internal sealed class IndexSpace(string shortName, string name)
{
    private readonly Dictionary<int, int> _bySymbol = [];
    private readonly List<int> _symbols = [];

    /// <summary>How many indices there are.</summary>
    public int Count => _symbols.Count;

    /// <summary>The kind in words.</summary>
    public string Name => name;

    /// <summary>The symbol of each index, or -1.</summary>
    public IReadOnlyList<int> Symbols => _symbols;

    /// <summary>Adds the next index.</summary>
    /// <param name="symbol">Its identifier, or -1.</param>
    /// <param name="reader">For errors, right behind the identifier.</param>
    /// <returns>The index.</returns>
    public int Add(int symbol, TokenReader reader)
    {
        int index = _symbols.Count;
        if (symbol >= 0 && !_bySymbol.TryAdd(symbol, index))
        {
            reader.Position--;
            throw reader.Error($"duplicate {shortName} ${reader.Source.Symbols[symbol]}");
        }

        _symbols.Add(symbol);
        return index;
    }

    /// <summary>Adds indices without identifiers.</summary>
    /// <param name="count">How many.</param>
    public void AddUnnamed(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _symbols.Add(-1);
        }
    }

    /// <summary>Forgets all indices.</summary>
    public void Clear()
    {
        _bySymbol.Clear();
        _symbols.Clear();
    }

    /// <summary>Whether an index comes next.</summary>
    /// <param name="reader">The tokens.</param>
    /// <returns>Whether it does.</returns>
    public static bool IsNext(TokenReader reader) => reader.Kind is TokenKind.Identifier or TokenKind.Number;

    /// <summary>Steps over an index: a number, which is not checked, or an identifier, which must be bound.</summary>
    /// <param name="reader">The tokens.</param>
    /// <returns>The index.</returns>
    public uint Take(TokenReader reader)
    {
        if (reader.Kind != TokenKind.Identifier)
        {
            return (uint)reader.TakeUnsigned(32);
        }

        int symbol = reader.Current.Value;
        if (!_bySymbol.TryGetValue(symbol, out int index))
        {
            throw reader.Error($"unknown {name} ${reader.Source.Symbols[symbol]}");
        }

        reader.Position++;
        return (uint)index;
    }

    /// <summary>Steps over an index if one comes next.</summary>
    /// <param name="reader">The tokens.</param>
    /// <returns>The index, or zero.</returns>
    public uint TakeOptional(TokenReader reader) => IsNext(reader) ? Take(reader) : 0;
}
