using Wisp.Wasi.Preview1;

namespace Wisp.Wasi.Platform.Linux;

/// <summary>Attributes of a file, in WASI's terms: times are nanoseconds since 1970.</summary>
internal readonly record struct FileStat(
    ulong Device, ulong Inode, FileType Type, ulong Links, ulong Size, ulong AccessTime, ulong ModifyTime,
        ulong ChangeTime)
{
    private const int TypeMask = 0xf000;

    public static FileStat From(in StatxBuffer buffer) => new(
        ((ulong)buffer.DeviceMajor << 32) | buffer.DeviceMinor,
        buffer.Inode,
        TypeOf(buffer.Mode),
        buffer.Links,
        buffer.Size,
        Nanoseconds(buffer.AccessSeconds, buffer.AccessNanoseconds),
        Nanoseconds(buffer.ModifySeconds, buffer.ModifyNanoseconds),
        Nanoseconds(buffer.ChangeSeconds, buffer.ChangeNanoseconds));

    // The type bits of st_mode: https://man7.org/linux/man-pages/man7/inode.7.html
    private static FileType TypeOf(ushort mode) => (mode & TypeMask) switch
    {
        0x8000 => FileType.RegularFile,
        0x4000 => FileType.Directory,
        0xa000 => FileType.SymbolicLink,
        0x2000 => FileType.CharacterDevice,
        0x6000 => FileType.BlockDevice,
        0xc000 => FileType.SocketStream,
        _ => FileType.Unknown,   // a pipe has no number in WASI
    };

    // A time before 1970 has no place in an unsigned timestamp.
    private static ulong Nanoseconds(long seconds, uint nanoseconds) =>
        seconds < 0 ? 0 : unchecked(((ulong)seconds * 1_000_000_000) + nanoseconds);
}
