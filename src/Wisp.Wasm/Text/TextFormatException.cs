namespace Wisp.Wasm;

/// <summary>A text is not a module, or not a script, in the text format.</summary>
/// <remarks>The reason starts with the words that the specification's test suite expects.</remarks>
public sealed class TextFormatException : WasmException
{
    internal TextFormatException(string source, int line, int column, string reason)
        : base($"{source}:{line}:{column}: {reason}")
    {
        Line = line;
        Column = column;
        Reason = reason;
    }

    /// <summary>The line of the fault, from 1.</summary>
    public int Line { get; }

    /// <summary>The column of the fault in its line, in characters, from 1.</summary>
    public int Column { get; }

    /// <summary>The message without the place.</summary>
    public string Reason { get; }
}
