using Microsoft.Win32.SafeHandles;
using Wisp.Abi;
using Wisp.Linking;
using Wisp.Platform.Linux;
using Wisp.Wasm.Model;

namespace Wisp.Memories;

// What memory 0 holds after instantiation, in a file that lies in memory only:
//
//   memory   0        Start                              Start + Bytes
//            ├────────┼──────────────────────────────────┼─────────────────┐
//            │ zero   │ mapped privately from the file:  │ zero            │
//            │        │ a page is copied when written    │                 │
//            └────────┴──────────────────────────────────┴─────────────────┘
//
// A slot keeps the mapping when it goes back to the pool: MADV_DONTNEED then restores the file's contents, so the next instance of
// the same module finds its data in place and pays for no page that it does not touch.

/// <summary>The data segments of a module as pages to be mapped, for modules with much data.</summary>
internal sealed class HeapImage
{
    /// <summary>Less than this is copied faster than mapped.</summary>
    private const int MinDataBytes = 64 << 10;

    /// <summary>Segments lying further apart than this, measured in their own bytes, are not worth a file.</summary>
    private const int MaxSpread = 4;

    private readonly SafeFileHandle _file;

    private HeapImage(SafeFileHandle file, long start, long bytes)
    {
        _file = file;
        Start = start;
        Bytes = bytes;
    }

    /// <summary>Address of its first page in the memory.</summary>
    public long Start { get; }

    /// <summary>Length in bytes, whole pages.</summary>
    public long Bytes { get; }

    /// <summary>Whether the module is gone: slots with this image are of no more use.</summary>
    public bool IsRetired { get; set; }

    /// <summary>The image of a module; null when copying its segments is better, or the only way.</summary>
    public static HeapImage? Create(WasmModule module)
    {
        if (module.Memories.Length == 0 || module.ImportedMemoryCount > 0 || !TryMeasure(module, out long start, out long end))
        {
            return null;
        }

        SafeFileHandle file = Libc.CreateMemoryFile();
        if (file.IsInvalid)
        {
            file.Dispose();
            return null;
        }

        RandomAccess.SetLength(file, end - start);
        foreach (DataSegment segment in module.Data)
        {
            if (segment.Mode == SegmentMode.Active)
            {
                ConstantEvaluator.TryConstant(module, segment.Offset, out ulong at);
                RandomAccess.Write(file, module.Bytes.Span.Slice(segment.BytesOffset, segment.BytesLength), (long)at - start);
            }
        }

        GC.KeepAlive(module);   // whose bytes may be a mapping, which goes with its last user
        return new HeapImage(file, start, end - start);
    }

    /// <summary>Maps it into a memory.</summary>
    public bool TryMap(nint memory) => Libc.Map(
        memory + (nint)Start, (nuint)Bytes, Libc.ProtRead | Libc.ProtWrite,
        Libc.MapPrivate | Libc.MapFixed | Libc.MapNoReserve, (int)_file.DangerousGetHandle(), 0) != Libc.MapFailed;

    // Every active segment must be known now, go to memory 0, and fit: one that does not must trap when it is applied.
    private static bool TryMeasure(WasmModule module, out long start, out long end)
    {
        start = long.MaxValue;
        end = 0;
        long data = 0;
        ulong length = Math.Min(module.Memories[0].Limits.Minimum, uint.MaxValue) * (ulong)VmLayout.WasmPageBytes;
        foreach (DataSegment segment in module.Data)
        {
            if (segment.Mode != SegmentMode.Active)
            {
                continue;
            }

            if (segment.Memory.Index != 0 || !ConstantEvaluator.TryConstant(module, segment.Offset, out ulong at)
                || at > length || (ulong)segment.BytesLength > length - at)
            {
                return false;
            }

            data += segment.BytesLength;
            start = Math.Min(start, (long)at);
            end = Math.Max(end, (long)at + segment.BytesLength);
        }

        start &= -VmLayout.PageBytes;
        end = (end + VmLayout.PageBytes - 1) & -VmLayout.PageBytes;
        return data >= MinDataBytes && end - start <= data * MaxSpread;
    }
}
