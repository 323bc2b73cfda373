using System.Runtime.InteropServices;

namespace Wisp.Abi.Images;

// The .wisp file. Little-endian; the writer is Wisp.Compiler's CodeImageWriter, the reader CodeImage.
//
//        0  magic             8 bytes  "\0wisp\r\n\x1a": a text file or a transfer that translates line ends cannot pass
//        8  format            u32      FormatVersion
//       12  sections          u32      SectionCount
//       16  fingerprint       u64      CodeFingerprint.Current of the compiler
//       24  features          u64      CpuFeatures that the code uses, or was laid out for
//       32  bounds            u32      BoundsMode
//       36  imported          u32      functions that the module imports: own function 0 has this index
//       40  file length       u64
//       48  source hash       16 bytes XxHash128 of the module as it was compiled
//       64  checksum          u64      XxHash3 of the file with these eight bytes left out
//       72  section table     SectionCount entries of { kind u32, count u32, offset u64, length u64 }
//      288  sections in the order of ImageSection, each aligned, zero bytes between, nothing after the last
//
//   Module      the module's bytes without its code section; count is zero
//   Functions   one FunctionEntry per own function, in index order
//   Traps       TrapEntry, sorted by text offset, which are distinct
//   Calls       CallEntry, sorted by text offset, which are distinct
//   Escaping    u32 function indices, sorted, distinct: VmLayout.EscapingFunctions
//   Runs        HeapRun, sorted by memory and address: where the pages of Heap lie in memories
//   State       empty, or what an instance was when its snapshot was taken; SnapshotState draws it
//   Text        machine code, page aligned so that it can be mapped as it is; int3 between functions
//   Heap        what memories hold at first, whole pages, page aligned; then active data segments of Module are empty.
//               Empty when segments are to be copied instead
//
// 1. A reader checks everything before it hands anything out: after CodeImage.Read no offset or count is out of range.
// 2. Functions lie in the text in index order, 16-byte aligned, without overlap. Every trap and call site is inside one.
// 3. The checksum finds damage, not malice: an image is machine code, to be trusted like an executable.

/// <summary>Sections of an image in the order of the file.</summary>
internal enum ImageSection
{
    Module,
    Functions,
    Traps,
    Calls,
    Escaping,
    Runs,
    State,
    Text,
    Heap,
}

/// <summary>Where a function of the module is in the text.</summary>
/// <param name="TextOffset">Its first byte.</param>
/// <param name="Length">Bytes of code and of the constants behind it.</param>
/// <param name="FrameBytes">Stack that a call of it takes.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct FunctionEntry(uint TextOffset, uint Length, uint FrameBytes);

/// <summary>An entry of a table that is sorted by places in the text.</summary>
internal interface ITextSite
{
    uint TextOffset { get; }
}

/// <summary>A trap site.</summary>
/// <param name="TextOffset">The instruction that traps.</param>
/// <param name="SourceOffset">Offset in the module that was compiled.</param>
/// <param name="Code">A TrapCode.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct TrapEntry(uint TextOffset, uint SourceOffset, uint Code) : ITextSite;

/// <summary>A call, found by its return address.</summary>
/// <param name="TextOffset">The instruction behind the call.</param>
/// <param name="SourceOffset">Offset of the call in the module that was compiled.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct CallEntry(uint TextOffset, uint SourceOffset) : ITextSite;

/// <summary>Pages of the heap section that lie side by side in a memory.</summary>
/// <param name="Address">Address of the first byte, page aligned.</param>
/// <param name="Pages">How many; their bytes follow those of the run before in the section.</param>
/// <param name="Memory">Index of the memory, in the module's index space.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct HeapRun(ulong Address, uint Pages, uint Memory)
{
    /// <summary>Its length.</summary>
    public long Bytes => (long)Pages * VmLayout.PageBytes;
}

/// <summary>Numbers of the image format.</summary>
internal static class ImageFormat
{
    public const uint FormatVersion = 3;
    public const int SectionCount = 9;

    public const int FormatAt = 8;
    public const int SectionsAt = 12;
    public const int FingerprintAt = 16;
    public const int FeaturesAt = 24;
    public const int BoundsAt = 32;
    public const int ImportedAt = 36;
    public const int FileLengthAt = 40;
    public const int SourceHashAt = 48;
    public const int SourceHashBytes = 16;
    public const int ChecksumAt = 64;
    public const int SectionTableAt = 72;

    public const int SectionEntryBytes = 24;
    public const int EntryKindAt = 0;
    public const int EntryCountAt = 4;
    public const int EntryOffsetAt = 8;
    public const int EntryLengthAt = 16;

    public const int HeaderBytes = SectionTableAt + (SectionCount * SectionEntryBytes);
    public const int FunctionAlignment = 16;
    public const int TableAlignment = 16;

    /// <summary>Each run of memory 0 is a mapping of each instance, and the machine has a limit on those.</summary>
    public const int MaxHeapRuns = 64;

    /// <summary>Past any address that a memory can have.</summary>
    public const ulong MaxHeapAddress = 1UL << 47;

    public static ReadOnlySpan<byte> Magic => "\0wisp\r\n\u001a"u8;

    /// <summary>Bytes of one entry of a section; 1 where the section is plain bytes.</summary>
    public static int EntryBytes(ImageSection section) => section switch
    {
        ImageSection.Functions => 12,
        ImageSection.Traps => 12,
        ImageSection.Calls => 8,
        ImageSection.Escaping => 4,
        ImageSection.Runs => 16,
        _ => 1,
    };

    /// <summary>Whether the section is a table, whose count stands in the section table.</summary>
    public static bool IsTable(ImageSection section) =>
        section is not (ImageSection.Module or ImageSection.State or ImageSection.Text or ImageSection.Heap);

    public static int Alignment(ImageSection section) =>
        section is ImageSection.Text or ImageSection.Heap ? VmLayout.PageBytes : TableAlignment;

    public static long AlignUp(long offset, int alignment) => (offset + alignment - 1) & -alignment;
}
