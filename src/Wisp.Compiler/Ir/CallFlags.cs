namespace Wisp.Compiler.Ir;

/// <summary>What is known of a call through a reference.</summary>
[Flags]
internal enum CallFlags : byte
{
    None = 0,

    /// <summary>The callee is a function of the caller's instance: r15 is the same there.</summary>
    SameContext = 1,
}
