using Microsoft.Win32.SafeHandles;
using Wisp.Abi;
using Wisp.Abi.Images;
using Wisp.Platform.Linux;
using Wisp.Wasm.Model;

namespace Wisp.Memories;

// What memory 0 holds after instantiation: the heap section of an image, mapped from the image's file, or from a file that lies in
// memory only when the image does.
//
//   memory   0        run                                run
//            ├────────┼─────────────────────────────────┬──┼───────────────┬─────────┐
//            │ zero   │ mapped privately from the file: │  │ the same      │ zero    │
//            │        │ a page is copied when written   │  │               │         │
//            └────────┴─────────────────────────────────┴──┴───────────────┴─────────┘
//
// A module's data is one run. A snapshot has more of them where memory is zero for long in between.
//
// A slot keeps the mapping when it goes back to the pool, with the pages that were written restored, so the next instance of the
// same module finds its data in place.

/// <summary>The first contents of a module's memory as pages to be mapped.</summary>
internal sealed class HeapImage : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly long _fileOffset;
    private readonly HeapRun[] _runs;   // those of memory 0
    private readonly ReadOnlyMemory<byte> _contents;   // theirs, one run behind the other

    private HeapImage(SafeFileHandle file, long fileOffset, HeapRun[] runs, ReadOnlyMemory<byte> contents)
    {
        _file = file;
        _fileOffset = fileOffset;
        _runs = runs;
        _contents = contents;
    }

    /// <summary>Whether the module is gone: slots with this image are of no more use.</summary>
    public bool IsRetired { get; set; }

    /// <summary>The heap of an image; null when it has none.</summary>
    /// <param name="image">The image.</param>
    /// <param name="module">Its module.</param>
    /// <param name="file">The image's file; null when the image lies in memory.</param>
    /// <exception cref="ImageException">The heap does not belong to the module.</exception>
    /// <exception cref="IOException">The image lies in memory and no file can be made of it.</exception>
    public static HeapImage? Create(CodeImage image, WasmModule module, ImageFile? file)
    {
        HeapRun[] runs = image.HeapRuns.ToArray();
        if (runs.Length == 0)
        {
            return null;
        }

        Check(runs, image.State, module);
        runs = Array.FindAll(runs, static run => run.Memory == 0);
        ReadOnlyMemory<byte> heap = image.Heap[..(int)runs.Sum(static run => run.Bytes)];
        if (runs.Length == 0)
        {
            return null;
        }

        if (file?.TryDuplicate() is { } duplicate)
        {
            return new HeapImage(duplicate, image.HeapOffset, runs, heap);
        }

        SafeFileHandle copy = Libc.CreateMemoryFile();
        if (copy.IsInvalid)
        {
            copy.Dispose();
            throw new IOException("no file in memory can be made for a module's data");
        }

        RandomAccess.Write(copy, heap.Span, 0);
        GC.KeepAlive(image);   // whose bytes may be a mapping, which goes with its last user
        return new HeapImage(copy, 0, runs, heap);
    }

    /// <summary>Maps it into a memory.</summary>
    /// <returns>False when the machine has no room.</returns>
    /// <exception cref="ObjectDisposedException">The module was disposed meanwhile.</exception>
    public bool TryMap(nint memory)
    {
        // Holds the handle: were it closed now, another file might get its number, and a guest that file's bytes.
        bool isHeld = false;
        try
        {
            _file.DangerousAddRef(ref isHeld);
            long offset = _fileOffset;
            foreach (HeapRun run in _runs)
            {
                if (Libc.Map(
                    memory + (nint)run.Address, (nuint)run.Bytes, Libc.ProtRead | Libc.ProtWrite,
                    Libc.MapPrivate | Libc.MapFixed | Libc.MapNoReserve, (int)_file.DangerousGetHandle(), offset) == Libc.MapFailed)
                {
                    return false;
                }

                offset += run.Bytes;
            }

            return true;
        }
        finally
        {
            if (isHeld)
            {
                _file.DangerousRelease();
            }
        }
    }

    /// <summary>Makes pages of a memory as at first.</summary>
    /// <param name="memory">Its first byte.</param>
    /// <param name="at">Address of the first page in it.</param>
    /// <param name="count">Bytes, whole pages.</param>
    public void Restore(nint memory, long at, int count)
    {
        long end = at + count;
        long contents = 0;
        foreach (HeapRun run in _runs)
        {
            long from = Math.Clamp((long)run.Address, at, end);
            long behind = Math.Clamp((long)run.Address + run.Bytes, at, end);
            if (behind > from)
            {
                RawMemory.Clear(memory + (nint)at, (int)(from - at));
                RawMemory.Copy(
                    memory + (nint)from, _contents.Span.Slice((int)(contents + from - (long)run.Address), (int)(behind - from)));
                at = behind;
            }

            contents += run.Bytes;
        }

        RawMemory.Clear(memory + (nint)at, (int)(end - at));
        GC.KeepAlive(this);
    }

    public void Dispose() => _file.Dispose();

    // The runs must fit the memories that they are mapped into, and nothing may be left to be copied over them.
    private static void Check(HeapRun[] runs, SnapshotState? state, WasmModule module)
    {
        foreach (HeapRun run in runs)
        {
            bool isOwn = run.Memory >= (uint)module.ImportedMemoryCount && run.Memory < (uint)module.Memories.Length
                && (run.Memory == 0 || state is not null);
            ulong pages = !isOwn ? 0
                : state is null ? module.Memories[0].Limits.Minimum
                : state.MemoryPages[run.Memory - (uint)module.ImportedMemoryCount];
            if ((UInt128)run.Address + (UInt128)run.Bytes > (UInt128)pages * (UInt128)VmLayout.WasmPageBytes)
            {
                throw Foreign();
            }
        }

        if (Array.Exists(module.Data, static data => data.Mode == SegmentMode.Active && data.BytesLength > 0))
        {
            throw Foreign();
        }
    }

    private static ImageException Foreign() => new(ImageFault.Damaged, "the image's heap does not belong to its module");
}
