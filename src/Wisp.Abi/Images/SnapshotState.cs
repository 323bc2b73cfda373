namespace Wisp.Abi.Images;

// The State section: what an instance is besides the pages of its memories. Little-endian, entries without gaps.
//
//   header     kind u32 (1 at rest, 2 waits in a host call)
//              own memories u32, own tables u32, own globals u32, data segments u32, element segments u32, bytes of notes u32
//   memory     pages u64                       of 64 KiB, now
//   table      count u32, then that many u32   function index and 1, or 0 for null
//   global     isFunction u32, 16 bytes        the value; or the index of a function and 1 in its low bytes, 0 for null
//   data       u8                              1 when the segment was dropped
//   element    u8                              likewise
//   notes      bytes                           the host's, kept for it as they are
//   waits only:
//   call       import u32, words u32, relocations u32
//   stack      words × u64                     from the host call's block up to the record of the entry; see Relocation
//   relocation word u32, kind u32, index u32, offset i64
//
// 1. Each count is checked against the bytes that are left before anything is made for it, and no byte is left at the end.
// 2. What the counts and indices mean for the module, the runtime checks when it has both.
// 3. Relocations are sorted by word. A word without one is the same wherever the stack lies.

/// <summary>What an instance was when its snapshot was taken, as far as it is not in the pages of its memories.</summary>
internal sealed class SnapshotState
{
    public const int MaxNoteBytes = 64 << 10;

    private const uint AtRest = 1;
    private const uint Waits = 2;

    /// <summary>Of each own memory: its length in pages of 64 KiB.</summary>
    public required ulong[] MemoryPages { get; init; }

    /// <summary>Of each own table: by element a function index and 1, or 0 for null.</summary>
    public required uint[][] Tables { get; init; }

    /// <summary>The values of own globals.</summary>
    public required SnapshotGlobal[] Globals { get; init; }

    public required bool[] DroppedData { get; init; }

    public required bool[] DroppedElements { get; init; }

    /// <summary>Bytes of whoever took the snapshot.</summary>
    public byte[] Notes { get; init; } = [];

    /// <summary>The call that the guest was in; null when it was in none.</summary>
    public WaitingCall? Waiting { get; init; }

    /// <summary>Reads a section.</summary>
    /// <exception cref="ImageException">It is not one that was written.</exception>
    public static SnapshotState Read(ReadOnlySpan<byte> bytes, string name)
    {
        var reader = new StateReader(bytes, name);
        uint kind = reader.U32();
        int memories = reader.Count(sizeof(ulong));
        int tables = reader.Count(sizeof(uint));
        int globals = reader.Count(sizeof(uint) + 16);
        int data = reader.Count(1);
        int elements = reader.Count(1);
        int notes = reader.Count(1);
        reader.Check(kind is AtRest or Waits, "state of an unknown kind");
        reader.Check(notes <= MaxNoteBytes, "more notes than a snapshot has");
        var state = new SnapshotState
        {
            MemoryPages = new ulong[memories],
            Tables = new uint[tables][],
            Globals = new SnapshotGlobal[globals],
            DroppedData = new bool[data],
            DroppedElements = new bool[elements],
            Notes = new byte[notes],
            Waiting = kind == Waits ? new WaitingCall() : null,
        };
        foreach (ref ulong pages in state.MemoryPages.AsSpan())
        {
            pages = reader.U64();
        }

        foreach (ref uint[] table in state.Tables.AsSpan())
        {
            table = new uint[reader.Count(sizeof(uint))];
            foreach (ref uint element in table.AsSpan())
            {
                element = reader.U32();
            }
        }

        foreach (ref SnapshotGlobal global in state.Globals.AsSpan())
        {
            uint isFunction = reader.U32();
            reader.Check(isFunction <= 1, "a global of an unknown kind");
            ulong low = reader.U64();
            global = new SnapshotGlobal(isFunction == 1, new UInt128(reader.U64(), low));
        }

        reader.Flags(state.DroppedData);
        reader.Flags(state.DroppedElements);
        reader.Bytes(notes).CopyTo(state.Notes);
        state.Waiting?.Read(ref reader);
        reader.Check(reader.Left == 0, "bytes behind the state");
        return state;
    }

    public byte[] Write()
    {
        var bytes = new List<byte>();
        StateBytes.Add(bytes, Waiting is null ? AtRest : Waits);
        foreach (int count in (ReadOnlySpan<int>)
            [MemoryPages.Length, Tables.Length, Globals.Length, DroppedData.Length, DroppedElements.Length, Notes.Length])
        {
            StateBytes.Add(bytes, (uint)count);
        }

        foreach (ulong pages in MemoryPages)
        {
            StateBytes.Add(bytes, pages);
        }

        foreach (uint[] table in Tables)
        {
            StateBytes.Add(bytes, (uint)table.Length);
            foreach (uint element in table)
            {
                StateBytes.Add(bytes, element);
            }
        }

        foreach (SnapshotGlobal global in Globals)
        {
            StateBytes.Add(bytes, global.IsFunction ? 1u : 0u);
            StateBytes.Add(bytes, (ulong)global.Bits);
            StateBytes.Add(bytes, (ulong)(global.Bits >> 64));
        }

        bytes.AddRange(DroppedData.Select(static isDropped => isDropped ? (byte)1 : (byte)0));
        bytes.AddRange(DroppedElements.Select(static isDropped => isDropped ? (byte)1 : (byte)0));
        bytes.AddRange(Notes);
        Waiting?.Write(bytes);
        return [.. bytes];
    }
}

/// <summary>The value of a global.</summary>
/// <param name="IsFunction">Whether it is a function reference.</param>
/// <param name="Bits">The value; or a function index and 1, or 0 for null.</param>
internal readonly record struct SnapshotGlobal(bool IsFunction, UInt128 Bits);
