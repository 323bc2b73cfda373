using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Wisp.Abi.Images;

// Reads what ImageFormat draws. Opening an image costs one pass for the checksum and one over the tables; nothing is copied:
// the tables are spans over the bytes, which a file mapping may provide, and lookups are binary searches in them.

/// <summary>A compiled module as one position-independent block of bytes, checked before use.</summary>
internal sealed class CodeImage
{
    private readonly SectionRange[] _sections;
    private readonly string _name;

    private CodeImage(ReadOnlyMemory<byte> bytes, SectionRange[] sections, string name)
    {
        Bytes = bytes;
        _sections = sections;
        _name = name;
        ReadOnlySpan<byte> header = bytes.Span;
        Fingerprint = BinaryPrimitives.ReadUInt64LittleEndian(header[ImageFormat.FingerprintAt..]);
        Options = new CodeOptions(
            (CpuFeatures)BinaryPrimitives.ReadUInt64LittleEndian(header[ImageFormat.FeaturesAt..]),
            (BoundsMode)BinaryPrimitives.ReadUInt32LittleEndian(header[ImageFormat.BoundsAt..]));
        ImportedFunctionCount = BinaryPrimitives.ReadInt32LittleEndian(header[ImageFormat.ImportedAt..]);
        SourceHash = BinaryPrimitives.ReadUInt128LittleEndian(header[ImageFormat.SourceHashAt..]);
    }

    /// <summary>The whole image.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    public ulong Fingerprint { get; }

    public CodeOptions Options { get; }

    /// <summary>Functions that the module imports; own function 0 has this function index.</summary>
    public int ImportedFunctionCount { get; }

    /// <summary>XxHash128 of the module as it was compiled, code section included.</summary>
    public UInt128 SourceHash { get; }

    /// <summary>The module without its code section.</summary>
    public ReadOnlyMemory<byte> Module => Section(ImageSection.Module);

    /// <summary>Where the text starts in the image: a multiple of the page size.</summary>
    public int TextStart => _sections[(int)ImageSection.Text].Offset;

    public ReadOnlySpan<byte> Text => Section(ImageSection.Text).Span;

    /// <summary>What memories hold at first, the pages of one run behind those of the other; empty when data segments are to be
    /// copied.</summary>
    public ReadOnlyMemory<byte> Heap => Section(ImageSection.Heap);

    /// <summary>Where the heap starts in the image: a multiple of the page size.</summary>
    public int HeapOffset => _sections[(int)ImageSection.Heap].Offset;

    /// <summary>Where the pages of the heap lie in memories.</summary>
    public ReadOnlySpan<HeapRun> HeapRuns => MemoryMarshal.Cast<byte, HeapRun>(Section(ImageSection.Runs).Span);

    /// <summary>What instances start as; null when they start as the module says.</summary>
    public SnapshotState? State { get; private set; }

    /// <summary>Own functions in index order, which is also the order of the text.</summary>
    public ReadOnlySpan<FunctionEntry> Functions =>
        MemoryMarshal.Cast<byte, FunctionEntry>(Section(ImageSection.Functions).Span);

    public ReadOnlySpan<TrapEntry> Traps => MemoryMarshal.Cast<byte, TrapEntry>(Section(ImageSection.Traps).Span);

    public ReadOnlySpan<CallEntry> Calls => MemoryMarshal.Cast<byte, CallEntry>(Section(ImageSection.Calls).Span);

    /// <summary>Indices of the escaping functions, for VmLayout.</summary>
    public ReadOnlySpan<int> EscapingFunctions => MemoryMarshal.Cast<byte, int>(Section(ImageSection.Escaping).Span);

    /// <summary>Checks an image.</summary>
    /// <param name="bytes">The image: exactly the file, kept as long as the result is used, and not changed meanwhile.</param>
    /// <param name="name">What the image is called in messages, such as its path.</param>
    /// <exception cref="ImageException">It is not an image, or not the one that was written.</exception>
    public static CodeImage Read(ReadOnlyMemory<byte> bytes, string name)
    {
        if (!BitConverter.IsLittleEndian)
        {
            throw new PlatformNotSupportedException("images are little-endian");
        }

        SectionRange[] sections = ImageChecker.CheckHeader(bytes.Span, name);
        var image = new CodeImage(bytes, sections, name);
        ImageChecker.CheckTables(image, name);
        ReadOnlySpan<byte> state = image.Section(ImageSection.State).Span;
        image.State = state.IsEmpty ? null : SnapshotState.Read(state, name);
        return image;
    }

    /// <summary>Whether the bytes start like an image; tells a .wisp file from a .wasm one.</summary>
    public static bool IsImage(ReadOnlySpan<byte> bytes) => bytes.StartsWith(ImageFormat.Magic);

    /// <summary>The checksum that an image of these bytes must carry.</summary>
    public static ulong Checksum(ReadOnlySpan<byte> bytes)
    {
        var hash = new XxHash3();
        hash.Append(bytes[..ImageFormat.ChecksumAt]);
        hash.Append(bytes[(ImageFormat.ChecksumAt + sizeof(ulong))..]);
        return hash.GetCurrentHashAsUInt64();
    }

    /// <summary>Refuses code that this runtime or this processor must not run.</summary>
    /// <param name="available">What the processor has.</param>
    /// <exception cref="ImageException">The image is stale, or needs more of the processor.</exception>
    public void CheckRunnable(CpuFeatures available)
    {
        if (Fingerprint != CodeFingerprint.Current)
        {
            throw new ImageException(
                ImageFault.Stale,
                $"{_name}: made by another version of the compiler (fingerprint {Fingerprint:x16}, this is "
                + $"{CodeFingerprint.Current:x16}); compile the module again");
        }

        CpuFeatures missing = Options.Features & ~available & ~CpuFeatures.PaddedJumps;
        if (missing != CpuFeatures.None)
        {
            throw new ImageException(
                ImageFault.MissingFeatures,
                $"{_name}: needs {missing}, which this processor lacks; compile the module on this machine");
        }
    }

    /// <summary>The trap of the instruction at a text offset.</summary>
    public bool TryFindTrap(uint textOffset, out TrapEntry trap)
    {
        bool isFound = TryFind(Traps, textOffset, out trap);
        GC.KeepAlive(this);
        return isFound;
    }

    /// <summary>The call that returns to a text offset.</summary>
    public bool TryFindCall(uint returnOffset, out CallEntry call)
    {
        bool isFound = TryFind(Calls, returnOffset, out call);
        GC.KeepAlive(this);
        return isFound;
    }

    /// <summary>The own function whose code contains a text offset.</summary>
    /// <returns>Its position in <see cref="Functions"/>, or -1.</returns>
    public int FindFunction(uint textOffset)
    {
        ReadOnlySpan<FunctionEntry> functions = Functions;
        int low = 0;
        int high = functions.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (functions[middle].TextOffset <= textOffset)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        int found = low - 1;
        bool isInside = found >= 0 && textOffset - functions[found].TextOffset < functions[found].Length;
        GC.KeepAlive(this);   // the spans may lie in a mapping, which goes with its last user
        return isInside ? found : -1;
    }

    private static bool TryFind<T>(ReadOnlySpan<T> sites, uint textOffset, out T site)
        where T : struct, ITextSite
    {
        int low = 0;
        int high = sites.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            uint at = sites[middle].TextOffset;
            if (at == textOffset)
            {
                site = sites[middle];
                return true;
            }

            if (at < textOffset)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        site = default;
        return false;
    }

    /// <summary>The bytes of a section.</summary>
    public ReadOnlyMemory<byte> Section(ImageSection section)
    {
        SectionRange range = _sections[(int)section];
        return Bytes.Slice(range.Offset, range.Length);
    }
}
