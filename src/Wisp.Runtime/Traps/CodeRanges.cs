using System.Runtime.InteropServices;

namespace Wisp.Traps;

// Which addresses are guest code. The signal handler reads this at any moment on any thread, so nothing is ever moved or freed:
//
//   Head ──► chunk: +0 next chunk, +8 entries ever used, +16 entries of { start, end }
//
// 1. A free entry has start = ulong.MaxValue, which no pc reaches.
// 2. An entry is filled end first, and freed start first; the handler reads start again after end.
// 3. Chunks are only added, at the head.

/// <summary>The address ranges of guest code, process-wide.</summary>
internal static unsafe class CodeRanges
{
    private const int EntriesPerChunk = 255;
    private const ulong Free = ulong.MaxValue;

    private static readonly Lock Gate = new();
    private static readonly nint* HeadPointer = (nint*)NativeMemory.AllocZeroed((nuint)sizeof(nint));

    [StructLayout(LayoutKind.Sequential)]
    private struct Entry
    {
        public ulong Start;
        public ulong End;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Chunk
    {
        public Chunk* Next;
        public long Used;
        public Entry First;
    }

    /// <summary>Address of the pointer to the first chunk, for the signal handler.</summary>
    public static nint Head => (nint)HeadPointer;

    /// <summary>Makes faults in [start, end) traps.</summary>
    public static void Add(nint start, nint end)
    {
        lock (Gate)
        {
            Entry* entry = FindFree();
            Volatile.Write(ref entry->End, (ulong)end);
            Volatile.Write(ref entry->Start, (ulong)start);
        }
    }

    /// <summary>Ends that, before the code is unmapped.</summary>
    public static void Remove(nint start)
    {
        lock (Gate)
        {
            for (Chunk* chunk = (Chunk*)*HeadPointer; chunk != null; chunk = chunk->Next)
            {
                Entry* entries = &chunk->First;
                for (long i = 0; i < chunk->Used; i++)
                {
                    if (entries[i].Start == (ulong)start)
                    {
                        Volatile.Write(ref entries[i].Start, Free);
                        return;
                    }
                }
            }
        }
    }

    private static Entry* FindFree()
    {
        for (Chunk* chunk = (Chunk*)*HeadPointer; chunk != null; chunk = chunk->Next)
        {
            // SAFETY: a chunk has room for EntriesPerChunk entries behind its header, and Used never exceeds that.
            Entry* entries = &chunk->First;
            for (long i = 0; i < chunk->Used; i++)
            {
                if (entries[i].Start == Free)
                {
                    return &entries[i];
                }
            }

            if (chunk->Used < EntriesPerChunk)
            {
                Entry* entry = &entries[chunk->Used];
                entry->Start = Free;
                Volatile.Write(ref chunk->Used, chunk->Used + 1);
                return entry;
            }
        }

        var added = (Chunk*)NativeMemory.AllocZeroed((nuint)(16 + (EntriesPerChunk * sizeof(Entry))));
        added->Next = (Chunk*)*HeadPointer;
        added->First.Start = Free;
        added->Used = 1;
        Volatile.Write(ref *HeadPointer, (nint)added);
        return &added->First;
    }
}
