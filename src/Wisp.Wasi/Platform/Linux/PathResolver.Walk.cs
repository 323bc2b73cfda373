using System.Runtime.InteropServices;

namespace Wisp.Wasi.Platform.Linux;

// The walk of O_NOFOLLOW opens, for kernels without openat2.
internal static partial class PathResolver
{
    private const int MaxLinks = 40;        // as the kernel's MAXSYMLINKS
    private const int MaxPath = 4096;       // as the kernel's PATH_MAX, zero byte included
    private const int MaxDepth = 512;       // each level holds a descriptor

    private const int OpenDirectory =
        OpenFlags.Path | OpenFlags.Directory | OpenFlags.NoFollow | OpenFlags.CloseOnExec;

    internal static int Walk(HostDescriptor root, ReadOnlySpan<byte> path, int flags, uint mode,
        out HostDescriptor? opened)
    {
        // The directories from the root to here. Those below were opened by this walk, and are closed by it.
        List<HostDescriptor> stack = [root];
        try
        {
            return Walk(stack, path[..path.IndexOf((byte)0)].ToArray(), flags, mode, out opened);
        }
        finally
        {
            for (int i = 1; i < stack.Count; i++)
            {
                stack[i].Dispose();
            }
        }
    }

    private static int Walk(List<HostDescriptor> stack, byte[] rest, int flags, uint mode, out HostDescriptor? opened)
    {
        opened = null;
        if (rest.Length == 0)
        {
            return LinuxError.NoEntry;
        }

        int links = 0;
        while (true)
        {
            if (rest.AsSpan().StartsWith("/"u8))
            {
                return LinuxError.CrossDevice;
            }

            int end = rest.AsSpan().IndexOf((byte)'/');
            byte[] name = end < 0 ? rest : rest[..end];
            byte[] after = end < 0 ? [] : Trimmed(rest.AsSpan(end));
            bool last = after.Length == 0;
            bool mustBeDirectory = end >= 0;
            if (name.AsSpan().SequenceEqual(".."u8))
            {
                if (stack.Count == 1)
                {
                    return LinuxError.CrossDevice;
                }

                stack[^1].Dispose();
                stack.RemoveAt(stack.Count - 1);
                name = "."u8.ToArray();
            }

            int error;
            if (last)
            {
                error = OpenLast(stack[^1], name, mustBeDirectory, flags, mode, out opened, out byte[]? target);
                if (target is null)
                {
                    return error;
                }

                rest = target;
                mustBeDirectory = mustBeDirectory || (flags & OpenFlags.Directory) != 0;
                rest = mustBeDirectory ? [.. rest, (byte)'/'] : rest;
            }
            else if (name is [(byte)'.'])
            {
                rest = after;
                continue;
            }
            else
            {
                error = OpenBetween(stack[^1], name, out HostDescriptor? next, out byte[]? target);
                if (next is not null)
                {
                    stack.Add(next);
                    rest = after;
                    if (stack.Count > MaxDepth)
                    {
                        return LinuxError.Loop;
                    }

                    continue;
                }

                if (target is null)
                {
                    return error;
                }

                rest = [.. target, (byte)'/', .. after];
            }

            if (++links > MaxLinks || rest.Length >= MaxPath)
            {
                return LinuxError.Loop;
            }
        }
    }

    private static byte[] Trimmed(ReadOnlySpan<byte> rest) => rest.TrimStart((byte)'/').ToArray();

    /// <summary>Opens a directory in the middle of a path, or reads the link that stands there.</summary>
    private static int OpenBetween(HostDescriptor parent, byte[] name, out HostDescriptor? next, out byte[]? target)
    {
        target = null;
        int error = OpenOne(parent, name, OpenDirectory, 0, out next);
        if (error == 0)
        {
            return 0;
        }

        target = ReadLink(parent, name);   // ENOTDIR and ELOOP both may mean a link
        return error;
    }

    /// <summary>Opens the last component, or reads the link that stands there when links are to be followed.</summary>
    private static int OpenLast(HostDescriptor parent, byte[] name, bool mustBeDirectory, int flags, uint mode,
        out HostDescriptor? opened, out byte[]? target)
    {
        target = null;
        // The kernel follows a link before a trailing slash, even with O_NOFOLLOW.
        bool follows = (flags & OpenFlags.NoFollow) == 0 || mustBeDirectory;
        if ((flags & (OpenFlags.Create | OpenFlags.Exclusive)) == (OpenFlags.Create | OpenFlags.Exclusive))
        {
            follows = false;
        }

        if (mustBeDirectory && (flags & OpenFlags.Create) != 0 && name is not [(byte)'.'])
        {
            opened = null;
            return LinuxError.IsDirectory;   // as the kernel says for "new/" with O_CREAT
        }

        if (follows && (target = ReadLink(parent, name)) is not null)
        {
            opened = null;
            return 0;
        }

        // Between reading and opening the name may have become a link: O_NOFOLLOW then refuses it with ELOOP.
        int extra = OpenFlags.NoFollow | (mustBeDirectory && (flags & OpenFlags.Create) == 0 ? OpenFlags.Directory : 0);
        return OpenOne(parent, name, flags | extra, mode, out opened);
    }

    private static int OpenOne(HostDescriptor parent, byte[] name, int flags, uint mode, out HostDescriptor? opened)
    {
        opened = null;
        byte[] path = [.. name, 0];
        int number;
        int error = 0;
        do
        {
            number = LibC.OpenAt(parent, in path[0], flags, mode);
            error = number < 0 ? Marshal.GetLastPInvokeError() : 0;
        }
        while (error == LinuxError.Interrupted);

        if (number >= 0)
        {
            opened = new HostDescriptor(number);
        }

        return error;
    }

    private static byte[]? ReadLink(HostDescriptor parent, byte[] name)
    {
        byte[] path = [.. name, 0];
        byte[] buffer = new byte[MaxPath];
        nint length = LibC.ReadLinkAt(parent, in path[0], ref buffer[0], buffer.Length);
        return length <= 0 ? null : buffer[..(int)length];
    }
}
