namespace Wisp.Wasm;

/// <summary>A module that cannot be used: malformed, invalid, or badly written text.</summary>
/// <param name="message">The specification's words, then details.</param>
public abstract class WasmException(string message) : Exception(message);

/// <summary>Bytes that are not a module.</summary>
/// <param name="reason">The specification's words, then details.</param>
/// <param name="offset">Where in the binary.</param>
public sealed class MalformedModuleException(string reason, int offset)
    : WasmException($"{reason} at offset 0x{offset:x}")
{
    /// <summary>The message without the place.</summary>
    public string Reason { get; } = reason;

    /// <summary>Where in the binary.</summary>
    public int Offset { get; } = offset;
}

/// <summary>A module that breaks a rule of validation.</summary>
/// <param name="reason">The specification's words, then details.</param>
/// <param name="offset">Where in the binary, or -1 when no single place is at fault.</param>
public sealed class InvalidModuleException(string reason, int offset)
    : WasmException(offset < 0 ? reason : $"{reason} at offset 0x{offset:x}")
{
    /// <summary>The message without the place.</summary>
    public string Reason { get; } = reason;

    /// <summary>Where in the binary, or -1.</summary>
    public int Offset { get; } = offset;
}
