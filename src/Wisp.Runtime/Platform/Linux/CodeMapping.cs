using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Wisp.Platform.Linux;

/// <summary>Maps machine code: from a file that was written before, or copied first. What is executable is never writable.</summary>
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

    /// <summary>Maps code of a file without copying it; a page is read when it is first run.</summary>
    /// <param name="file">The file; may be closed afterwards.</param>
    /// <param name="offset">Where the code starts, a multiple of the page size.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="start">Where it is mapped.</param>
    /// <returns>False when the kernel refuses, as it does on a file system mounted noexec.</returns>
    public static bool TryMapFile(SafeFileHandle file, int offset, int length, out nint start)
    {
        start = Libc.Map(
            0, RoundUp(length), Libc.ProtRead | Libc.ProtExec, Libc.MapPrivate, (int)file.DangerousGetHandle(), offset);
        return start != Libc.MapFailed;
    }

    /// <summary>Undoes <see cref="Map"/> and <see cref="TryMapFile"/>.</summary>
    public static void Unmap(nint start, int length) => Libc.Unmap(start, RoundUp(length));

    private static nuint RoundUp(int length) => (nuint)(Math.Max(length, 1) + PageBytes - 1) & ~(nuint)(PageBytes - 1);
}
