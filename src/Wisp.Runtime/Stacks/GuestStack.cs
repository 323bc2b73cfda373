using System.Runtime.InteropServices;
using Wisp.Platform.Linux;

namespace Wisp.Stacks;

/// <summary>A stack for guest code, with its Execution at the top. Execution.cs draws it.</summary>
internal sealed unsafe class GuestStack
{
    /// <summary>Bytes under the limit, for stubs and for the CLR's signals, which run on whatever stack is current.</summary>
    public const int HeadroomBytes = 64 << 10;

    public const int MinBytes = 128 << 10;

    private const int MaxBytes = 1 << 30;
    private const int GuardBytes = 64 << 10;

    /// <summary>What a pooled stack keeps: a call of usual depth touches no more.</summary>
    private const int KeptBytes = 32 << 10;

    private readonly nint _mapping;
    private bool _isUnmapped;

    private GuestStack(nint mapping, int bytes)
    {
        _mapping = mapping;
        Bytes = bytes;
        Execution = (Execution*)(mapping + GuardBytes + bytes - Stacks.Execution.Bytes);
        Execution->RealLimit = (ulong)(mapping + GuardBytes + HeadroomBytes);
        Execution->StackLimit = Execution->RealLimit;
    }

    ~GuestStack() => Unmap();

    public int Bytes { get; }

    public Execution* Execution { get; }

    /// <summary>Whether nothing of the deep part is resident; only while the stack is idle.</summary>
    public bool IsTrimmed { get; set; }

    /// <summary>The stack size that is used for a size asked for.</summary>
    public static int RoundUp(int bytes) =>
        (Math.Clamp(bytes, MinBytes, MaxBytes) + Abi.VmLayout.PageBytes - 1) & -Abi.VmLayout.PageBytes;

    public static GuestStack Allocate(int bytes)
    {
        nint mapping = Libc.Reserve((nuint)(bytes + GuardBytes));
        if (mapping == Libc.MapFailed)
        {
            throw OutOfStacks(bytes);
        }

        if (Libc.Protect(mapping + GuardBytes, (nuint)bytes, Libc.ProtRead | Libc.ProtWrite) != 0)
        {
            Libc.Unmap(mapping, (nuint)(bytes + GuardBytes));
            throw OutOfStacks(bytes);
        }

        return new GuestStack(mapping, bytes);
    }

    /// <summary>Whether an address lies in the guard, where only an overflow reaches.</summary>
    public bool IsGuard(nint address) => address >= _mapping && address < _mapping + GuardBytes;

    /// <summary>Asks the guest on this stack to call the interrupt stub. Any thread may; without a guest it does nothing.</summary>
    public void Poison()
    {
        lock (this)
        {
            if (!_isUnmapped)
            {
                Volatile.Write(ref Execution->StackLimit, Stacks.Execution.Poisoned);
            }
        }
    }

    /// <summary>Gives the deep part back to the machine.</summary>
    public void Trim()
    {
        Libc.Advise(_mapping + GuardBytes, (nuint)(Bytes - KeptBytes), Libc.MadvDontNeed);
        IsTrimmed = true;
    }

    /// <summary>Makes all of it zero but the record.</summary>
    public void Clear()
    {
        nint start = _mapping + GuardBytes;
        nint end = (nint)Execution & -(nint)Abi.VmLayout.PageBytes;
        Libc.Advise(start, (nuint)(end - start), Libc.MadvDontNeed);

        // SAFETY: from the last page's start to the record, both in the mapping, with no guest on the stack.
        new Span<byte>((void*)end, (int)((nint)Execution - end)).Clear();
    }

    public void Unmap()
    {
        lock (this)
        {
            if (!_isUnmapped)
            {
                _isUnmapped = true;
                Libc.Unmap(_mapping, (nuint)(Bytes + GuardBytes));
            }
        }
    }

    private static InsufficientMemoryException OutOfStacks(int bytes) => new(
        $"no memory for a guest stack of {bytes} bytes ({Marshal.GetLastPInvokeErrorMessage()}); "
        + "with thousands of waiting guests, raise vm.max_map_count");
}
