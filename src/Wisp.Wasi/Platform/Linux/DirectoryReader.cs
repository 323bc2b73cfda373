using System.Buffers.Binary;
using Wisp.Wasi.Preview1;

namespace Wisp.Wasi.Platform.Linux;

// Reads the entries of a directory with getdents64, from any cookie.
//
// A WASI cookie is the kernel's d_off plus one, so that zero can mean the start. d_off is what telldir gives: file
// systems keep it stable while entries come and go (ext4 and btrfs hash or count names; tmpfs numbers entries), so an
// entry that was there all the time is neither skipped nor seen twice. Nothing is buffered between calls: the cookie
// is all there is.
//
// struct linux_dirent64   https://man7.org/linux/man-pages/man2/getdents.2.html
//   ino:u64 off:s64 reclen:u16 type:u8 name, zero byte, padding
internal ref struct DirectoryReader
{
    private const int NameOffset = 19;
    private const int BufferBytes = 4096;

    private readonly HostDescriptor _directory;
    private readonly Span<byte> _buffer;
    private int _offset;
    private int _end;

    public DirectoryReader(HostDescriptor directory, Span<byte> buffer)
    {
        _directory = directory;
        _buffer = buffer;
    }

    /// <summary>Bytes that the buffer should have.</summary>
    public static int BufferLength => BufferBytes;

    /// <summary>Goes to a cookie.</summary>
    public readonly Errno Seek(ulong cookie) =>
        HostFile.Seek(_directory, cookie == 0 ? 0 : (long)(cookie - 1), 0, out _);

    /// <summary>The next entry; <see cref="DirectoryEntry.Name"/> is empty past the last one.</summary>
    public Errno Next(out DirectoryEntry entry)
    {
        entry = default;
        if (_offset >= _end)
        {
            nint count = LibC.GetDents64(_directory, _buffer);
            if (count <= 0)
            {
                return count < 0 ? HostFile.LastError() : Errno.Success;
            }

            _offset = 0;
            _end = (int)count;
        }

        ReadOnlySpan<byte> record = _buffer[_offset.._end];
        int length = BinaryPrimitives.ReadUInt16LittleEndian(record[16..]);
        ReadOnlySpan<byte> name = record[NameOffset..length];
        _offset += length;
        entry = new DirectoryEntry(
            BinaryPrimitives.ReadUInt64LittleEndian(record),
            BinaryPrimitives.ReadUInt64LittleEndian(record[8..]) + 1,
            TypeOf(record[18]),
            name[..name.IndexOf((byte)0)]);
        return Errno.Success;
    }

    // d_type, DT_*
    private static FileType TypeOf(byte type) => type switch
    {
        8 => FileType.RegularFile,
        4 => FileType.Directory,
        10 => FileType.SymbolicLink,
        2 => FileType.CharacterDevice,
        6 => FileType.BlockDevice,
        12 => FileType.SocketStream,
        _ => FileType.Unknown,
    };
}

/// <summary>One name in a directory.</summary>
internal readonly ref struct DirectoryEntry(ulong inode, ulong next, FileType type, ReadOnlySpan<byte> name)
{
    public ulong Inode { get; } = inode;

    /// <summary>The cookie of the entry after this one.</summary>
    public ulong Next { get; } = next;

    public FileType Type { get; } = type;

    /// <summary>The name, without a zero byte.</summary>
    public ReadOnlySpan<byte> Name { get; } = name;
}
