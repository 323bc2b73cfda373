using System.Text;
using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;

namespace Wisp.Wasm.Text;

// A name section may give one name to several functions, and any characters. An identifier is unique, and is quoted when
// it is not made of idchars: $main, $"std::vector<int>", $main#7 for the second main, whose index is 7.

/// <summary>Makes identifiers of the names in a name section.</summary>
internal sealed class IdentifierNames
{
    private readonly NameSection _section;
    private readonly string?[] _functions;

    /// <summary>Makes the identifiers of a module.</summary>
    /// <param name="module">The module.</param>
    /// <param name="section">Its name section.</param>
    public IdentifierNames(WasmModule module, NameSection section)
    {
        _section = section;
        Module = string.IsNullOrEmpty(section.Module) ? null : Identifier(section.Module);
        _functions = new string?[module.Functions.Length];
        var taken = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < _functions.Length; i++)
        {
            _functions[i] = Unique(section.NameOf(new FuncIndex(i)), i, taken);
        }
    }

    /// <summary>The module's identifier, if it has one.</summary>
    public string? Module { get; }

    /// <summary>A function's identifier, if it has one.</summary>
    /// <param name="function">The function.</param>
    /// <returns>The identifier with its dollar sign.</returns>
    public string? Of(FuncIndex function) =>
        (uint)function.Index < (uint)_functions.Length ? _functions[function.Index] : null;

    /// <summary>How a function is referred to.</summary>
    /// <param name="function">The function.</param>
    /// <returns>Its identifier or its index.</returns>
    public string Reference(FuncIndex function) => Of(function) ?? $"{(uint)function.Index}";

    /// <summary>Identifiers of parameters and locals.</summary>
    /// <param name="function">The function.</param>
    /// <param name="count">How many there are; beyond a limit the rest has no identifiers.</param>
    /// <returns>An identifier, or null, for each.</returns>
    public string?[] LocalsOf(FuncIndex function, int count)
    {
        string?[] locals = new string?[count];
        var taken = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < count; i++)
        {
            locals[i] = Unique(_section.NameOf(function, i), i, taken);
        }

        return locals;
    }

    private static string? Unique(string? name, int index, HashSet<string> taken)
    {
        if (string.IsNullOrEmpty(name))
        {
            return null;
        }

        while (!taken.Add(name))
        {
            name = $"{name}#{index}";
        }

        return Identifier(name);
    }

    private static string Identifier(string name)
    {
        if (name.All(c => Lexer.IsIdChar(c)))
        {
            return "$" + name;
        }

        using var text = new StringWriter();
        text.Write("$\"");
        TextEscapes.Write(text, Encoding.UTF8.GetBytes(name));
        text.Write('"');
        return text.ToString();
    }
}
