using Wisp.Abi.Images;

namespace Wisp.Traps;

/// <summary>Reads a guest's chain of frames: [rbp] is the caller's rbp, [rbp + 8] the return address into it.</summary>
internal static unsafe class StackWalker
{
    /// <summary>Guest frames from the one that trapped outward.</summary>
    /// <param name="store">The store, which keeps the code and the names alive.</param>
    /// <param name="pc">The instruction that trapped.</param>
    /// <param name="rbp">Its frame.</param>
    /// <param name="sentinel">rbp below the outermost frame: the Execution's address.</param>
    public static WasmBacktrace Walk(Store store, nint pc, nint rbp, nint sentinel)
    {
        var frames = new List<WasmFrame>();
        bool isReturn = false;
        nint previous = 0;
        while (true)
        {
            if (FrameAt(pc, isReturn) is { } frame)
            {
                if (frames.Count == WasmBacktrace.MaxFrames)
                {
                    return new WasmBacktrace(frames, true);
                }

                frames.Add(frame);
            }

            // SAFETY: frames lie on the guest's stack, each above the one it called and below the sentinel, and are 8-byte aligned;
            // anything else is not a frame and ends the walk.
            if (rbp <= previous || rbp >= sentinel - 8 || (rbp & 7) != 0 || previous == 0 && sentinel - rbp > store.StackBytes)
            {
                return new WasmBacktrace(frames, false);
            }

            previous = rbp;
            pc = ((nint*)rbp)[1];
            rbp = ((nint*)rbp)[0];
            isReturn = true;
        }
    }

    private static WasmFrame? FrameAt(nint pc, bool isReturn)
    {
        CompiledCode? code = CompiledCode.Find(isReturn ? pc - 1 : pc);
        if (code is null)
        {
            return null;   // a stub
        }

        uint offset = (uint)(pc - code.Text);
        int function = code.Image.FindFunction(isReturn ? offset - 1 : offset);
        if (function < 0)
        {
            return null;
        }

        int index = code.Image.ImportedFunctionCount + function;
        return new WasmFrame(index, code.Module?.NameOf(index), code.Module?.Name, SourceOffset(code.Image, offset));
    }

    // The site itself, or the last one before it: the return address of a stub that was called on a cold path is in no table.
    private static int SourceOffset(CodeImage image, uint offset)
    {
        if (image.TryFindTrap(offset, out TrapEntry trap))
        {
            return (int)trap.SourceOffset;
        }

        if (image.TryFindCall(offset, out CallEntry call))
        {
            return (int)call.SourceOffset;
        }

        ReadOnlySpan<CallEntry> calls = image.Calls;
        int low = 0;
        int high = calls.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (calls[middle].TextOffset <= offset)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low > 0 ? (int)calls[low - 1].SourceOffset : 0;
    }
}
