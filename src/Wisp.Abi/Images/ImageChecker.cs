using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Wisp.Abi.Images;

/// <summary>Where a section is in an image.</summary>
internal readonly record struct SectionRange(int Offset, int Length);

/// <summary>Holds every field of an image against ImageFormat; no field is used before it was checked.</summary>
internal static class ImageChecker
{
    private const int MaxTrapCode = 64;

    /// <summary>Checks header, checksum and section table.</summary>
    /// <returns>The sections, all inside the bytes.</returns>
    public static SectionRange[] CheckHeader(ReadOnlySpan<byte> bytes, string name)
    {
        if (!CodeImage.IsImage(bytes))
        {
            // A file cut inside its first eight bytes is still told from one that never was an image.
            bool isCut = bytes.Length > 0 && ImageFormat.Magic.StartsWith(bytes);
            Throw(
                isCut ? ImageFault.Truncated : ImageFault.NotAnImage,
                name,
                isCut ? "truncated: the header is not complete" : "not a Wisp image: it does not start with the magic bytes");
        }

        if (bytes.Length < ImageFormat.HeaderBytes)
        {
            Throw(ImageFault.Truncated, name, $"truncated: {bytes.Length} bytes, the header alone has {ImageFormat.HeaderBytes}");
        }

        uint format = BinaryPrimitives.ReadUInt32LittleEndian(bytes[ImageFormat.FormatAt..]);
        if (format != ImageFormat.FormatVersion)
        {
            Throw(
                ImageFault.UnknownFormat,
                name,
                $"format {format} at offset {ImageFormat.FormatAt}, this Wisp reads {ImageFormat.FormatVersion}; compile the module again");
        }

        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(bytes[ImageFormat.FileLengthAt..]);
        if (length > (ulong)bytes.Length)
        {
            Throw(ImageFault.Truncated, name, $"truncated: {bytes.Length} of {length} bytes");
        }

        if (length < (ulong)bytes.Length)
        {
            Throw(ImageFault.Damaged, name, $"damaged: {bytes.Length} bytes, the header says {length}");
        }

        ulong checksum = BinaryPrimitives.ReadUInt64LittleEndian(bytes[ImageFormat.ChecksumAt..]);
        if (checksum != CodeImage.Checksum(bytes))
        {
            Throw(ImageFault.Damaged, name, $"damaged: the checksum at offset {ImageFormat.ChecksumAt} does not match the contents");
        }

        CheckFields(bytes, name);
        return CheckSections(bytes, name);
    }

    /// <summary>Checks order and range of every table entry.</summary>
    public static void CheckTables(CodeImage image, string name)
    {
        CheckFunctions(image, name);
        CheckTraps(image, name);
        CheckCalls(image, name);
        CheckEscaping(image, name);
        CheckHeap(image, name);
    }

    private static void CheckFields(ReadOnlySpan<byte> bytes, string name)
    {
        uint sections = BinaryPrimitives.ReadUInt32LittleEndian(bytes[ImageFormat.SectionsAt..]);
        if (sections != ImageFormat.SectionCount)
        {
            Damaged(name, ImageFormat.SectionsAt, $"{sections} sections instead of {ImageFormat.SectionCount}");
        }

        uint bounds = BinaryPrimitives.ReadUInt32LittleEndian(bytes[ImageFormat.BoundsAt..]);
        if (bounds > (uint)BoundsMode.Explicit)
        {
            Damaged(name, ImageFormat.BoundsAt, $"bounds mode {bounds} does not exist");
        }

        uint imported = BinaryPrimitives.ReadUInt32LittleEndian(bytes[ImageFormat.ImportedAt..]);
        if (imported > int.MaxValue)
        {
            Damaged(name, ImageFormat.ImportedAt, $"{imported} imported functions");
        }
    }

    private static SectionRange[] CheckSections(ReadOnlySpan<byte> bytes, string name)
    {
        var ranges = new SectionRange[ImageFormat.SectionCount];
        long end = ImageFormat.HeaderBytes;
        for (int i = 0; i < ranges.Length; i++)
        {
            var section = (ImageSection)i;
            int at = ImageFormat.SectionTableAt + (i * ImageFormat.SectionEntryBytes);
            ReadOnlySpan<byte> entry = bytes.Slice(at, ImageFormat.SectionEntryBytes);
            uint kind = BinaryPrimitives.ReadUInt32LittleEndian(entry[ImageFormat.EntryKindAt..]);
            uint count = BinaryPrimitives.ReadUInt32LittleEndian(entry[ImageFormat.EntryCountAt..]);
            ulong offset = BinaryPrimitives.ReadUInt64LittleEndian(entry[ImageFormat.EntryOffsetAt..]);
            ulong length = BinaryPrimitives.ReadUInt64LittleEndian(entry[ImageFormat.EntryLengthAt..]);

            if (kind != (uint)i)
            {
                Damaged(name, at, $"section {i} has kind {kind}");
            }

            // Exactly behind the section before: the place of every byte follows from the lengths, so none can overlap.
            long expected = ImageFormat.AlignUp(end, ImageFormat.Alignment(section));
            if (offset != (ulong)expected)
            {
                Damaged(name, at, $"section {section} starts at {offset} instead of {expected}");
            }

            if (length > (ulong)bytes.Length || (ulong)expected > (ulong)bytes.Length - length)
            {
                Damaged(name, at, $"section {section} of {length} bytes ends outside the file");
            }

            if (length != (ImageFormat.IsTable(section) ? (ulong)count * (ulong)ImageFormat.EntryBytes(section) : length)
                || (!ImageFormat.IsTable(section) && count != 0))
            {
                Damaged(name, at, $"section {section} has {count} entries in {length} bytes");
            }

            ranges[i] = new SectionRange((int)expected, (int)length);
            end = expected + (long)length;
        }

        if (end != bytes.Length)
        {
            Damaged(name, (int)end, "bytes after the last section");
        }

        return ranges;
    }

    // Whether the memories are large enough for the runs only the module knows, which is decoded later.
    private static void CheckHeap(CodeImage image, string name)
    {
        int length = image.Heap.Length;
        if (length % VmLayout.PageBytes != 0)
        {
            Damaged(name, image.HeapOffset, $"a heap of {length} bytes is not whole pages");
        }

        ReadOnlySpan<HeapRun> runs = image.HeapRuns;
        if (runs.Length > ImageFormat.MaxHeapRuns)
        {
            DamagedEntry(name, ImageSection.Runs, runs.Length, $"more than {ImageFormat.MaxHeapRuns} runs");
        }

        long pages = 0;
        (uint Memory, ulong Address) next = default;
        for (int i = 0; i < runs.Length; i++)
        {
            HeapRun run = runs[i];
            bool isBehind = run.Memory > next.Memory || (run.Memory == next.Memory && run.Address >= next.Address);
            if (!isBehind || run.Pages == 0 || run.Address % VmLayout.PageBytes != 0 || run.Address > ImageFormat.MaxHeapAddress)
            {
                DamagedEntry(name, ImageSection.Runs, i, $"{run.Pages} pages at {run.Address} of memory {run.Memory}");
            }

            pages += run.Pages;
            next = (run.Memory, run.Address + (ulong)run.Bytes);
        }

        if (pages != length / VmLayout.PageBytes)
        {
            Damaged(name, image.HeapOffset, $"runs of {pages} pages for a heap of {length} bytes");
        }
    }

    private static void CheckFunctions(CodeImage image, string name)
    {
        ReadOnlySpan<FunctionEntry> functions = image.Functions;
        if (functions.Length > int.MaxValue - image.ImportedFunctionCount)
        {
            DamagedEntry(name, ImageSection.Functions, functions.Length, "more functions than indices");
        }

        ulong end = 0;
        for (int i = 0; i < functions.Length; i++)
        {
            FunctionEntry function = functions[i];
            if (function.TextOffset < end || function.TextOffset % ImageFormat.FunctionAlignment != 0 || function.Length == 0)
            {
                DamagedEntry(name, ImageSection.Functions, i, $"text offset {function.TextOffset} with {function.Length} bytes");
            }

            end = (ulong)function.TextOffset + function.Length;
            if (end > (ulong)image.Text.Length)
            {
                DamagedEntry(name, ImageSection.Functions, i, $"ends at {end}, past the text of {image.Text.Length} bytes");
            }

            if (function.FrameBytes > int.MaxValue)
            {
                DamagedEntry(name, ImageSection.Functions, i, $"a frame of {function.FrameBytes} bytes");
            }
        }
    }

    private static void CheckTraps(CodeImage image, string name)
    {
        ReadOnlySpan<TrapEntry> traps = image.Traps;
        var walk = new SiteWalk(image.Functions);
        for (int i = 0; i < traps.Length; i++)
        {
            TrapEntry trap = traps[i];
            if (!walk.Accepts(trap.TextOffset, isReturnAddress: false) || trap.SourceOffset > int.MaxValue)
            {
                DamagedEntry(name, ImageSection.Traps, i, $"text offset {trap.TextOffset}, source offset {trap.SourceOffset}");
            }

            if (trap.Code is 0 or >= MaxTrapCode)
            {
                DamagedEntry(name, ImageSection.Traps, i, $"trap code {trap.Code}");
            }
        }
    }

    private static void CheckCalls(CodeImage image, string name)
    {
        ReadOnlySpan<CallEntry> calls = image.Calls;
        var walk = new SiteWalk(image.Functions);
        for (int i = 0; i < calls.Length; i++)
        {
            CallEntry call = calls[i];
            if (!walk.Accepts(call.TextOffset, isReturnAddress: true) || call.SourceOffset > int.MaxValue)
            {
                DamagedEntry(name, ImageSection.Calls, i, $"text offset {call.TextOffset}, source offset {call.SourceOffset}");
            }
        }
    }

    private static void CheckEscaping(CodeImage image, string name)
    {
        ReadOnlySpan<int> escaping = image.EscapingFunctions;
        long end = (long)image.ImportedFunctionCount + image.Functions.Length;
        long next = image.ImportedFunctionCount;
        for (int i = 0; i < escaping.Length; i++)
        {
            if (escaping[i] < next || escaping[i] >= end)
            {
                DamagedEntry(name, ImageSection.Escaping, i, $"function index {escaping[i]}");
            }

            next = escaping[i] + 1L;
        }
    }

    [DoesNotReturn]
    private static void Throw(ImageFault fault, string name, string what) => throw new ImageException(fault, $"{name}: {what}");

    [DoesNotReturn]
    private static void Damaged(string name, int offset, string what) =>
        throw new ImageException(ImageFault.Damaged, $"{name}: damaged at offset {offset}: {what}");

    [DoesNotReturn]
    private static void DamagedEntry(string name, ImageSection section, int index, string what) =>
        throw new ImageException(ImageFault.Damaged, $"{name}: damaged: {section} entry {index}: {what}");

    /// <summary>Walks sorted sites and the functions that must contain them side by side: linear, not a search per site.</summary>
    private ref struct SiteWalk(ReadOnlySpan<FunctionEntry> functions)
    {
        private readonly ReadOnlySpan<FunctionEntry> _functions = functions;
        private int _function;
        private long _last = -1;

        /// <summary>Whether the site follows the one before and is inside a function; a return address may be just behind one.</summary>
        public bool Accepts(uint offset, bool isReturnAddress)
        {
            long place = isReturnAddress ? offset - 1L : offset;
            if (offset <= _last || place < 0)
            {
                return false;
            }

            _last = offset;
            while (_function < _functions.Length
                && place >= (long)_functions[_function].TextOffset + _functions[_function].Length)
            {
                _function++;
            }

            return _function < _functions.Length && place >= _functions[_function].TextOffset;
        }
    }
}
