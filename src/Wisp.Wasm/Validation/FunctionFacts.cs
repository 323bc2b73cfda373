namespace Wisp.Wasm.Validation;

// Which locals each loop writes, in one array for the whole function:
//
//   _written    [ one loop's locals, sorted | another's | ... ]
//   _loops      each loop's part of it, loops numbered by the order of their `loop` instructions
//
// 1. A local written by local.set or local.tee anywhere between a loop's `loop` and its `end`, inner loops included, reachable or
//    not, is in its part, unless the loop writes all of them as far as anybody knows (length -1).
// 2. The sum of all parts is bounded by the size of the body, so deep nests of loops cannot make it quadratic.

/// <summary>What the validating walk learned about a function.</summary>
public sealed class FunctionFacts
{
    private readonly int[] _written;
    private readonly (int Start, int Length)[] _loops;

    internal FunctionFacts(int[] written, (int Start, int Length)[] loops)
    {
        _written = written;
        _loops = loops;
    }

    /// <summary>The most operands on the stack at once.</summary>
    public int MaxOperandDepth { get; internal init; }

    /// <summary>The most blocks open at once, the function's own included.</summary>
    public int MaxControlDepth { get; internal init; }

    /// <summary>Parameters and declared locals together.</summary>
    public int LocalCount { get; internal init; }

    /// <summary>Whether it has no call instruction of any kind, tail calls included.</summary>
    public bool IsLeaf { get; internal init; }

    /// <summary>Number of instructions, unreachable ones included.</summary>
    public int InstructionCount { get; internal init; }

    /// <summary>Number of <c>loop</c> instructions, unreachable ones included.</summary>
    public int LoopCount => _loops.Length;

    /// <summary>Whether a loop must be taken to write every local, because listing them would have cost too much.</summary>
    /// <param name="loop">The loop's number, by the order of <c>loop</c> instructions in the body.</param>
    /// <returns>True when <see cref="LocalsWrittenInLoop"/> has no answer.</returns>
    public bool WritesAllLocals(int loop) => _loops[loop].Length < 0;

    /// <summary>The locals that a loop writes, those of its inner loops included.</summary>
    /// <param name="loop">The loop's number, by the order of <c>loop</c> instructions in the body.</param>
    /// <returns>Indices of locals, sorted, each once; empty when <see cref="WritesAllLocals"/>.</returns>
    public ReadOnlySpan<int> LocalsWrittenInLoop(int loop)
    {
        (int start, int length) = _loops[loop];
        return length < 0 ? [] : _written.AsSpan(start, length);
    }
}
