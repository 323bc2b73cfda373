using System.Text;

namespace Wisp.Wasm.Text;

/// <summary>Numbers the identifiers of a source, so that equal ones compare as integers.</summary>
internal sealed class SymbolTable
{
    private readonly Dictionary<string, int> _byName = [];
    private readonly List<string> _names = [];

    /// <summary>How many different ones there are.</summary>
    public int Count => _names.Count;

    /// <summary>An identifier without its dollar sign.</summary>
    /// <param name="symbol">Its number.</param>
    /// <returns>The name.</returns>
    public string this[int symbol] => _names[symbol];

    /// <summary>The number of an identifier.</summary>
    /// <param name="name">Its name without the dollar sign, valid UTF-8.</param>
    /// <returns>The number.</returns>
    public int Intern(ReadOnlySpan<byte> name)
    {
        Span<char> chars = name.Length <= 256 ? stackalloc char[256] : new char[name.Length];
        chars = chars[..Encoding.UTF8.GetChars(name, chars)];
        Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup =
            _byName.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!lookup.TryGetValue(chars, out int symbol))
        {
            symbol = _names.Count;
            string text = chars.ToString();
            _names.Add(text);
            _byName.Add(text, symbol);
        }

        return symbol;
    }
}
