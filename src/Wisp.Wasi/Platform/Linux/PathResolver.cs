using System.Runtime.InteropServices;

namespace Wisp.Wasi.Platform.Linux;

// Opens a path beneath a directory so that nothing leads out of it: not "..", not an absolute path, not a symbolic
// link, and not a directory that is renamed or swapped for a link while the path is walked.
//
// 1. A path is only ever resolved by openat2(RESOLVE_BENEATH), or by the walk below where the kernel has no such call.
// 2. A path that leaves its directory fails with EXDEV, in both ways.
// 3. The walk never hands the kernel a path of more than one component, never "..", and never follows a link in the
//    kernel: each component is opened with O_NOFOLLOW, links are read and spliced in here, and ".." goes back to the
//    descriptor that was open before.
internal static partial class PathResolver
{
    // RESOLVE_BENEATH gives EAGAIN when a rename anywhere raced with a ".."; it rarely happens twice.
    private const int MaxRetries = 8;

    private static volatile bool _walks;

    /// <summary>Opens a path beneath a directory.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="path">The path, with a zero byte at its end.</param>
    /// <param name="flags">Flags of open(2). O_CLOEXEC is added.</param>
    /// <param name="mode">Permission bits for O_CREAT.</param>
    /// <param name="opened">The descriptor, when the result is zero.</param>
    /// <returns>Zero or an error number of the kernel; EXDEV for a path that leaves the directory.</returns>
    public static int Open(HostDescriptor directory, ReadOnlySpan<byte> path, int flags, uint mode,
        out HostDescriptor? opened)
    {
        opened = null;
        flags |= OpenFlags.CloseOnExec;
        if (_walks)
        {
            return Walk(directory, path, flags, mode, out opened);
        }

        OpenHow how = new()
        {
            Flags = (ulong)flags,
            Mode = (flags & OpenFlags.Create) != 0 ? mode : 0,
            Resolve = OpenHow.ResolveBeneath | OpenHow.ResolveNoMagicLinks,
        };
        for (int retry = 0; ; retry++)
        {
            int number = LibC.OpenAt2(directory, path, in how);
            if (number >= 0)
            {
                opened = new HostDescriptor(number);
                return 0;
            }

            int error = Marshal.GetLastPInvokeError();
            switch (error)
            {
                case LinuxError.Interrupted:
                case LinuxError.Again when retry < MaxRetries:
                    continue;
                case LinuxError.Again:
                    return Walk(directory, path, flags, mode, out opened);
                case LinuxError.NoSystemCall:
                case LinuxError.Perm when !HasOpenAt2(directory):
                    _walks = true;   // an old kernel, or a container whose filter does not know the call
                    return Walk(directory, path, flags, mode, out opened);
                default:
                    return error;
            }
        }
    }

    private static bool HasOpenAt2(HostDescriptor directory)
    {
        OpenHow how = new() { Flags = OpenFlags.Path | OpenFlags.CloseOnExec, Resolve = OpenHow.ResolveBeneath };
        int number = LibC.OpenAt2(directory, ".\0"u8, in how);
        if (number < 0)
        {
            return false;
        }

        _ = LibC.Close(number);
        return true;
    }
}
