namespace Wisp.Wasm.Text;

/// <summary>How the reading of a number ended.</summary>
internal enum NumberStatus : byte
{
    /// <summary>The number was read.</summary>
    Ok,

    /// <summary>The text is not written as such a number is.</summary>
    Malformed,

    /// <summary>The number does not fit its type.</summary>
    OutOfRange,
}
