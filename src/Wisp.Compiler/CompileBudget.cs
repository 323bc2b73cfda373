namespace Wisp.Compiler;

// Chosen far above what compilers emit (the largest functions known have some 300,000 instructions), so that only what was made to
// cost much meets them: results of calls and of blocks count once per use, so a body of 7 MB could ask for billions.

/// <summary>What compiling one function may take.</summary>
internal static class CompileBudget
{
    /// <summary>Most instructions in SSA form. About 100 bytes each, over all phases.</summary>
    public const int Instructions = 4_000_000;

    /// <summary>
    /// Most arguments of all edges together: locals written before a join and read behind it, times the edges that lead there. The
    /// allocator makes a move of each. Of the functions in the suites none has more than 32,000.
    /// </summary>
    public const int Arguments = 1_000_000;

    /// <summary>Most blocks walked through on the way from a read of a local to its value, all reads together.</summary>
    public const int LookupSteps = 100_000_000;
}
