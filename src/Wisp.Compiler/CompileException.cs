namespace Wisp.Compiler;

/// <summary>A valid module is not compiled, for a reason that its author can understand.</summary>
/// <param name="message">What, and where.</param>
public abstract class CompileException(string message) : Exception(message);
