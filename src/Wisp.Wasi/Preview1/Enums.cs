namespace Wisp.Wasi.Preview1;

// The small enumerations of preview 1.
// https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md

internal enum FileType : byte
{
    Unknown = 0,
    BlockDevice = 1,
    CharacterDevice = 2,
    Directory = 3,
    RegularFile = 4,
    SocketDatagram = 5,
    SocketStream = 6,
    SymbolicLink = 7,
}

[Flags]
internal enum FdFlags : ushort
{
    None = 0,
    Append = 1,
    DSync = 2,
    NonBlock = 4,
    RSync = 8,
    Sync = 16,
    All = Append | DSync | NonBlock | RSync | Sync,
}

[Flags]
internal enum OFlags : ushort
{
    None = 0,
    Create = 1,
    Directory = 2,
    Exclusive = 4,
    Truncate = 8,
    All = Create | Directory | Exclusive | Truncate,
}

[Flags]
internal enum LookupFlags : uint
{
    None = 0,
    SymlinkFollow = 1,
}

[Flags]
internal enum FstFlags : ushort
{
    None = 0,
    AccessTime = 1,
    AccessNow = 2,
    ModifyTime = 4,
    ModifyNow = 8,
    All = AccessTime | AccessNow | ModifyTime | ModifyNow,
}

internal enum Whence : byte
{
    Set = 0,
    Current = 1,
    End = 2,
}

internal enum EventType : byte
{
    Clock = 0,
    FdRead = 1,
    FdWrite = 2,
}

internal enum ClockId : uint
{
    Realtime = 0,
    Monotonic = 1,
    ProcessCpuTime = 2,
    ThreadCpuTime = 3,
}
