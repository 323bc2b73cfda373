using System.Buffers;
using Microsoft.Win32.SafeHandles;
using Wisp.Abi.Images;

namespace Wisp.Platform.Linux;

// An image file is mapped twice, privately and without ever asking for a writable page:
//
//   file       header | tables | pad | text           mapped by                lives until
//              ├──────────────────────────────┤       Contents: read only      no object uses its bytes
//                                      ├──────┤       TryMapText: and execute  CompiledCode gives it up
//
// Both show the same pages of the page cache, so what was checked is what runs as long as nobody writes to the inode. The writers
// of this project never do: they write a file of another name and rename it.

/// <summary>An image file while it is loaded; the mappings do not need it any more afterwards.</summary>
internal sealed class ImageFile : IDisposable
{
    private readonly FileStream _file;
    private readonly Mapping? _mapping;

    private ImageFile(FileStream file, Mapping? mapping, ReadOnlyMemory<byte> contents)
    {
        _file = file;
        _mapping = mapping;
        Contents = contents;
    }

    /// <summary>The whole file; stays valid as long as something refers to it.</summary>
    public ReadOnlyMemory<byte> Contents { get; }

    /// <summary>Opens a file and maps it, or reads what cannot be mapped, such as a pipe.</summary>
    /// <exception cref="ImageException">It is larger than an image can be.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static ImageFile Open(string path)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
        try
        {
            long bytes = file.CanSeek ? file.Length : 0;
            if (bytes > Array.MaxLength)
            {
                throw new ImageException(ImageFault.TooLarge, $"{path}: {bytes} bytes, an image has at most {Array.MaxLength}");
            }

            Mapping? mapping = bytes > 0 ? Mapping.TryCreate(file, (int)bytes) : null;
            return new ImageFile(file, mapping, mapping?.Memory ?? ReadAll(file));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Maps machine code of the file as it lies there, to be given up with <see cref="CodeMapping.Unmap"/>.</summary>
    /// <returns>False when the file, its file system or a policy does not let it be executed: then it must be copied.</returns>
    public bool TryMapText(int offset, int length, out nint text)
    {
        text = 0;
        return _mapping is not null && CodeMapping.TryMapFile(_file.SafeFileHandle, offset, length, out text);
    }

    /// <summary>Another handle of the file, when it can be mapped; null otherwise.</summary>
    public SafeFileHandle? TryDuplicate() =>
        _mapping is null ? null : Libc.Duplicate((int)_file.SafeFileHandle.DangerousGetHandle());

    public void Dispose() => _file.Dispose();

    /// <summary>Gives up the contents at once: nothing refers to them, since the image was refused.</summary>
    public void Discard() => ((IDisposable?)_mapping)?.Dispose();

    private static byte[] ReadAll(FileStream file)
    {
        using var bytes = new MemoryStream();
        file.CopyTo(bytes);
        return bytes.ToArray();
    }

    /// <summary>The bytes of a mapped file.</summary>
    /// <remarks>
    /// A Memory of it keeps the pages, a Span does not: code that works on a span while the garbage collector may find the Memory's
    /// owner unused ends with GC.KeepAlive.
    /// </remarks>
    private sealed unsafe class Mapping : MemoryManager<byte>
    {
        private readonly Pages _pages;

        private Mapping(Pages pages)
        {
            _pages = pages;
        }

        // Populated at once, since the checksum reads all of it.
        public static Mapping? TryCreate(FileStream file, int bytes)
        {
            nint start = Libc.Map(
                0, (nuint)bytes, Libc.ProtRead, Libc.MapPrivate | Libc.MapPopulate, (int)file.SafeFileHandle.DangerousGetHandle(), 0);
            return start == Libc.MapFailed ? null : new Mapping(new Pages(start, bytes));
        }

        // SAFETY: the pages are mapped until they are discarded, or nobody refers to them.
        public override Span<byte> GetSpan() => _pages.IsClosed ? [] : new((void*)_pages.Start, _pages.Bytes);

        public override MemoryHandle Pin(int elementIndex = 0)
        {
            ObjectDisposedException.ThrowIf(_pages.IsClosed, this);
            ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)_pages.Bytes);
            return new MemoryHandle((byte*)_pages.Start + elementIndex, pinnable: this);
        }

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing) => _pages.Dispose();
    }

    /// <summary>Pages of a file, unmapped at the latest by the finalizer.</summary>
    private sealed class Pages : SafeHandleMinusOneIsInvalid
    {
        public Pages(nint start, int bytes)
            : base(ownsHandle: true)
        {
            SetHandle(start);
            Bytes = bytes;
        }

        public nint Start => handle;

        public int Bytes { get; }

        protected override bool ReleaseHandle() => Libc.Unmap(handle, (nuint)Bytes) == 0;
    }
}
