using System.Buffers.Binary;
using Wisp.Wasi.Platform.Linux;

namespace Wisp.Wasi.Preview1;

/// <summary>How the structures of preview 1 lie in guest memory, all numbers little-endian.</summary>
internal static class Layouts
{
    // fdstat      filetype:u8 @0  flags:u16 @2  rights_base:u64 @8  rights_inheriting:u64 @16
    public const int FdStatBytes = 24;

    // filestat    dev:u64 @0  ino:u64 @8  filetype:u8 @16  nlink:u64 @24  size:u64 @32  atim:u64 @40
    //             mtim:u64 @48  ctim:u64 @56
    public const int FileStatBytes = 64;

    // filestat of wasi_unstable: nlink is a u32 @20, so that all after it stands 8 bytes earlier
    public const int UnstableFileStatBytes = 56;

    // prestat     tag:u8 @0 (0: a directory)  name_length:u32 @4
    public const int PrestatBytes = 8;

    // dirent      next:u64 @0  ino:u64 @8  namlen:u32 @16  type:u8 @20, then the name
    public const int DirentBytes = 24;

    // iovec       buf:u32 @0  len:u32 @4
    public const int IovecBytes = 8;

    // event       userdata:u64 @0  error:u16 @8  type:u8 @10  nbytes:u64 @16  flags:u16 @24
    public const int EventBytes = 32;
    public const ushort EventHangUp = 1;

    // subscription  userdata:u64 @0  tag:u8 @8, then the union @16
    //   clock: id:u32 @16  timeout:u64 @24  precision:u64 @32  flags:u16 @40 (1: absolute)
    //   fd:    fd:u32 @16
    public const int SubscriptionBytes = 48;

    // in wasi_unstable the clock starts with a second userdata, so that all after it stands 8 bytes later:
    //   clock: identifier:u64 @16  id:u32 @24  timeout:u64 @32  precision:u64 @40  flags:u16 @48
    public const int UnstableSubscriptionBytes = 56;

    public static void WriteFdStat(Span<byte> to, FileType type, FdFlags flags, Rights rights, Rights inheriting)
    {
        to[..FdStatBytes].Clear();
        to[0] = (byte)type;
        BinaryPrimitives.WriteUInt16LittleEndian(to[2..], (ushort)flags);
        BinaryPrimitives.WriteUInt64LittleEndian(to[8..], (ulong)rights);
        BinaryPrimitives.WriteUInt64LittleEndian(to[16..], (ulong)inheriting);
    }

    public static void WriteFileStat(Span<byte> to, in FileStat stat)
    {
        to[..FileStatBytes].Clear();
        WriteFileStatHead(to, in stat);
        BinaryPrimitives.WriteUInt64LittleEndian(to[24..], stat.Links);
        WriteFileStatTail(to[32..], in stat);
    }

    public static void WriteUnstableFileStat(Span<byte> to, in FileStat stat)
    {
        to[..UnstableFileStatBytes].Clear();
        WriteFileStatHead(to, in stat);
        BinaryPrimitives.WriteUInt32LittleEndian(to[20..], (uint)Math.Min(stat.Links, uint.MaxValue));
        WriteFileStatTail(to[24..], in stat);
    }

    public static void WriteDirent(Span<byte> to, in DirectoryEntry entry, ulong inode)
    {
        to[..DirentBytes].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(to, entry.Next);
        BinaryPrimitives.WriteUInt64LittleEndian(to[8..], inode);
        BinaryPrimitives.WriteUInt32LittleEndian(to[16..], (uint)entry.Name.Length);
        to[20] = (byte)entry.Type;
    }

    public static void WriteEvent(Span<byte> to, in PollEvent occurred)
    {
        to[..EventBytes].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(to, occurred.UserData);
        BinaryPrimitives.WriteUInt16LittleEndian(to[8..], (ushort)occurred.Error);
        to[10] = (byte)occurred.Type;
        BinaryPrimitives.WriteUInt64LittleEndian(to[16..], occurred.Bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(to[24..], occurred.HangUp ? EventHangUp : (ushort)0);
    }

    private static void WriteFileStatHead(Span<byte> to, in FileStat stat)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(to, stat.Device);
        BinaryPrimitives.WriteUInt64LittleEndian(to[8..], stat.Inode);
        to[16] = (byte)stat.Type;
    }

    private static void WriteFileStatTail(Span<byte> to, in FileStat stat)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(to, stat.Size);
        BinaryPrimitives.WriteUInt64LittleEndian(to[8..], stat.AccessTime);
        BinaryPrimitives.WriteUInt64LittleEndian(to[16..], stat.ModifyTime);
        BinaryPrimitives.WriteUInt64LittleEndian(to[24..], stat.ChangeTime);
    }
}

/// <summary>One event of <c>poll_oneoff</c>.</summary>
internal readonly record struct PollEvent(ulong UserData, Errno Error, EventType Type, ulong Bytes, bool HangUp);
