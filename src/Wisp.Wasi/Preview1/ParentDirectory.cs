using Wisp.Wasi.Platform.Linux;

namespace Wisp.Wasi.Preview1;

/// <summary>The directory that holds the last component of a path, resolved beneath a granted one, and that
/// component.</summary>
/// <remarks>
/// 1. The name is one component: it is neither "." nor "..", and has no slash but at its end. So a system call that
///    takes this directory and this name cannot leave the directory.
/// 2. It may have slashes at its end, which calls that create, remove or rename treat right: they never follow a link
///    there. Calls that look something up do follow one, and must not be given this name when it
///    <see cref="EndsWithSlash"/>.
/// </remarks>
internal readonly ref struct ParentDirectory
{
    private readonly HostDescriptor? _opened;

    private ParentDirectory(HostDescriptor host, HostDescriptor? opened, ReadOnlySpan<byte> name)
    {
        Host = host;
        _opened = opened;
        Name = name;
    }

    public HostDescriptor Host { get; }

    /// <summary>The last component with its trailing slashes and a zero byte.</summary>
    public ReadOnlySpan<byte> Name { get; }

    public bool EndsWithSlash => Name is [.., (byte)'/', 0];

    /// <summary>Resolves the parent of a path.</summary>
    /// <param name="directory">The directory beneath which the path is.</param>
    /// <param name="path">The path.</param>
    /// <param name="operation">Says what a last component of "." or ".." gives.</param>
    /// <param name="parent">The parent, when the result is success. Dispose it.</param>
    /// <param name="escaped">Whether the path leads out of the directory.</param>
    public static Errno Resolve(HostDescriptor directory, GuestPath path, PathOperation operation,
        out ParentDirectory parent, out bool escaped)
    {
        parent = default;
        escaped = path.IsAbsolute;
        if (escaped)
        {
            return Errno.Notcapable;
        }

        path.Split(out ReadOnlySpan<byte> before, out ReadOnlySpan<byte> name);
        HostDescriptor? opened = null;
        if (!before.IsEmpty)
        {
            int error = PathResolver.Open(directory, before, OpenFlags.Path | OpenFlags.Directory, 0, out opened);
            if (error != 0)
            {
                escaped = error == LinuxError.CrossDevice;
                return escaped ? Errno.Notcapable : LinuxErrno.ToWasi(error);
            }
        }

        ReadOnlySpan<byte> component = name[..^1].TrimEnd((byte)'/');
        if (component.SequenceEqual("."u8) || component.SequenceEqual(".."u8))
        {
            opened?.Dispose();
            return component.Length == 1 ? operation.OnDot : operation.OnDotDot;
        }

        parent = new ParentDirectory(opened ?? directory, opened, name);
        return Errno.Success;
    }

    public void Dispose() => _opened?.Dispose();
}
