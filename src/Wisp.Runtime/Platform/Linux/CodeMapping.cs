using System.Runtime.InteropServices;

namespace Wisp.Platform.Linux;

/// <summary>Maps machine code: written first, then made executable and never writable again.</summary>
internal static unsafe class CodeMapping
{
    private const int PageBytes = 4096;

    /// <summary>Copies code into pages of its own.</summary>
    /// <returns>Where it starts, page aligned.</returns>
    /// <exception cref="InsufficientMemoryException">The machine has no room, or forbids executable memory.</exception>
    public static nint Map(ReadOnlySpan<byte> code)
    {
        nuint bytes = RoundUp(code.Length);
        nint start = Libc.Map(
            0, bytes, Libc.ProtRead | Libc.ProtWrite, Libc.MapPrivate | Libc.MapAnonymous | Libc.MapPopulate, -1, 0);
        if (start == Libc.MapFailed)
        {
            throw new InsufficientMemoryException($"no memory for {bytes} bytes of code: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        // SAFETY: the mapping is new, ours, writable, and at least code.Length bytes long.
        code.CopyTo(new Span<byte>((void*)start, code.Length));
        if (Libc.Protect(start, bytes, Libc.ProtRead | Libc.ProtExec) != 0)
        {
            string reason = Marshal.GetLastPInvokeErrorMessage();
            Libc.Unmap(start, bytes);
            throw new InsufficientMemoryException($"cannot make {bytes} bytes of code executable: {reason}");
        }

        return start;
    }

    /// <summary>Undoes <see cref="Map"/>.</summary>
    public static void Unmap(nint start, int length) => Libc.Unmap(start, RoundUp(length));

    private static nuint RoundUp(int length) => (nuint)(Math.Max(length, 1) + PageBytes - 1) & ~(nuint)(PageBytes - 1);
}
