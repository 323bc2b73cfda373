using Microsoft.Win32.SafeHandles;
using Wisp.Abi;
using Wisp.Abi.Images;
using Wisp.Platform.Linux;
using Wisp.Wasm.Model;

namespace Wisp.Memories;

// What memory 0 holds after instantiation: the heap section of an image, mapped from the image's file, or from a file that lies in
// memory only when the image does.
//
//   memory   0        Start                              Start + Bytes
//            ├────────┼──────────────────────────────────┼─────────────────┐
//            │ zero   │ mapped privately from the file:  │ zero            │
//            │        │ a page is copied when written    │                 │
//            └────────┴──────────────────────────────────┴─────────────────┘
//
// A slot keeps the mapping when it goes back to the pool, with the pages that were written restored, so the next instance of the
// same module finds its data in place.

/// <summary>The first contents of a module's memory as pages to be mapped.</summary>
internal sealed class HeapImage : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly long _fileOffset;
    private readonly ReadOnlyMemory<byte> _contents;

    private HeapImage(SafeFileHandle file, long fileOffset, long start, ReadOnlyMemory<byte> contents)
    {
        _file = file;
        _fileOffset = fileOffset;
        _contents = contents;
        Start = start;
    }

    /// <summary>Address of its first page in the memory.</summary>
    public long Start { get; }

    /// <summary>Length in bytes, whole pages.</summary>
    public long Bytes => _contents.Length;

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
        ReadOnlyMemory<byte> heap = image.Heap;
        if (heap.IsEmpty)
        {
            return null;
        }

        Check(image, module);
        if (file?.TryDuplicate() is { } duplicate)
        {
            return new HeapImage(duplicate, image.HeapOffset, image.HeapStart, heap);
        }

        SafeFileHandle copy = Libc.CreateMemoryFile();
        if (copy.IsInvalid)
        {
            copy.Dispose();
            throw new IOException("no file in memory can be made for a module's data");
        }

        RandomAccess.Write(copy, heap.Span, 0);
        GC.KeepAlive(image);   // whose bytes may be a mapping, which goes with its last user
        return new HeapImage(copy, 0, image.HeapStart, heap);
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
            return Libc.Map(
                memory + (nint)Start, (nuint)Bytes, Libc.ProtRead | Libc.ProtWrite,
                Libc.MapPrivate | Libc.MapFixed | Libc.MapNoReserve, (int)_file.DangerousGetHandle(), _fileOffset) != Libc.MapFailed;
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
        long mapped = Math.Clamp(Start, at, end);
        long behind = Math.Clamp(Start + Bytes, at, end);
        RawMemory.Clear(memory + (nint)at, (int)(mapped - at));
        if (behind > mapped)
        {
            RawMemory.Copy(memory + (nint)mapped, _contents.Span.Slice((int)(mapped - Start), (int)(behind - mapped)));
            mapped = behind;
        }

        RawMemory.Clear(memory + (nint)mapped, (int)(end - mapped));
        GC.KeepAlive(this);
    }

    public void Dispose() => _file.Dispose();

    // The heap must fit the memory that it is mapped into, and nothing may be left to be copied over it.
    private static void Check(CodeImage image, WasmModule module)
    {
        bool fits = module.ImportedMemoryCount == 0 && module.Memories.Length > 0
            && (UInt128)(image.HeapStart + image.Heap.Length)
                <= (UInt128)module.Memories[0].Limits.Minimum * (UInt128)VmLayout.WasmPageBytes;
        if (!fits || Array.Exists(module.Data, static data => data.Mode == SegmentMode.Active && data.BytesLength > 0))
        {
            throw new ImageException(ImageFault.Damaged, "the image's heap does not belong to its module");
        }
    }
}
