namespace Wisp.Compiler;

/// <summary>A valid module uses a part of WebAssembly that the compiler does not know yet.</summary>
/// <param name="message">What, and where.</param>
public sealed class UnsupportedFeatureException(string message) : Exception(message);
