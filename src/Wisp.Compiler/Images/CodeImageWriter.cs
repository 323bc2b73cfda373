using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using Wisp.Abi;
using Wisp.Abi.Images;
using Wisp.Compiler.Emission;

namespace Wisp.Compiler.Images;

// Writes what Wisp.Abi's ImageFormat draws. Linking happens on the way: functions are placed in index order, then each rel32 is
// filled in. Nothing else in the code depends on where it lies, so the image can be mapped anywhere.

/// <summary>Links a compiled module and writes its image.</summary>
internal sealed class CodeImageWriter
{
    private const byte Int3 = 0xcc;

    private readonly CompiledModule _compiled;
    private readonly FunctionEntry[] _functions;
    private readonly int _textBytes;

    private CodeImageWriter(CompiledModule compiled)
    {
        _compiled = compiled;
        _functions = PlaceFunctions(compiled.Functions, out _textBytes);
    }

    /// <summary>The image of a module; the same module yields the same bytes.</summary>
    /// <exception cref="ImageException">The code is larger than an image can be.</exception>
    public static byte[] Write(CompiledModule compiled) => new CodeImageWriter(compiled).Write();

    private byte[] Write()
    {
        HeapSection heap = HeapSection.Create(_compiled.Module);
        byte[] module = ModuleStripper.Strip(_compiled.Module, withoutData: heap.Bytes.Length > 0);
        ReadOnlySpan<int> lengths =
        [
            module.Length,
            TableBytes(ImageSection.Functions, _functions.Length),
            TableBytes(ImageSection.Traps, Count(_compiled.Functions, static blob => blob.Traps.Length)),
            TableBytes(ImageSection.Calls, Count(_compiled.Functions, static blob => blob.Calls.Length)),
            TableBytes(ImageSection.Escaping, _compiled.Layout.EscapingFunctions.Length),
            TableBytes(ImageSection.Runs, heap.Bytes.Length > 0 ? 1 : 0),
            0,
            _textBytes,
            heap.Bytes.Length,
        ];
        SectionRange[] sections = ImageSections.Place(lengths, out int fileBytes);

        byte[] image = new byte[fileBytes];
        Span<byte> Bytes(ImageSection section) =>
            image.AsSpan(sections[(int)section].Offset, sections[(int)section].Length);

        module.CopyTo(Bytes(ImageSection.Module));
        _functions.CopyTo(MemoryMarshal.Cast<byte, FunctionEntry>(Bytes(ImageSection.Functions)));
        WriteTraps(MemoryMarshal.Cast<byte, TrapEntry>(Bytes(ImageSection.Traps)));
        WriteCalls(MemoryMarshal.Cast<byte, CallEntry>(Bytes(ImageSection.Calls)));
        WriteEscaping(MemoryMarshal.Cast<byte, int>(Bytes(ImageSection.Escaping)));
        WriteText(Bytes(ImageSection.Text));
        MemoryMarshal.Cast<byte, HeapRun>(Bytes(ImageSection.Runs))
            .Fill(new HeapRun((ulong)heap.Start, (uint)(heap.Bytes.Length / VmLayout.PageBytes), 0));
        heap.Bytes.CopyTo(Bytes(ImageSection.Heap));
        WriteHeader(image, sections);
        return image;
    }

    private static FunctionEntry[] PlaceFunctions(CodeBlob[] blobs, out int textBytes)
    {
        var functions = new FunctionEntry[blobs.Length];
        long end = 0;
        for (int i = 0; i < blobs.Length; i++)
        {
            long start = ImageFormat.AlignUp(end, blobs[i].Alignment);
            end = start + blobs[i].Code.Length;
            if (end > Array.MaxLength)
            {
                throw ImageSections.TooLarge();
            }

            functions[i] = new FunctionEntry((uint)start, (uint)blobs[i].Code.Length, (uint)blobs[i].FrameBytes);
        }

        textBytes = (int)end;
        return functions;
    }

    private void WriteTraps(Span<TrapEntry> entries)
    {
        int next = 0;
        for (int i = 0; i < _functions.Length; i++)
        {
            foreach (TrapSite trap in _compiled.Functions[i].Traps)
            {
                entries[next++] = new TrapEntry(
                    _functions[i].TextOffset + (uint)trap.CodeOffset, (uint)trap.SourceOffset, trap.Code);
            }
        }
    }

    private void WriteCalls(Span<CallEntry> entries)
    {
        int next = 0;
        for (int i = 0; i < _functions.Length; i++)
        {
            foreach (CallSite call in _compiled.Functions[i].Calls)
            {
                entries[next++] = new CallEntry(_functions[i].TextOffset + (uint)call.CodeOffset, (uint)call.SourceOffset);
            }
        }
    }

    private void WriteEscaping(Span<int> entries)
    {
        for (int i = 0; i < entries.Length; i++)
        {
            entries[i] = _compiled.Layout.EscapingFunctions[i].Index;
        }
    }

    private void WriteText(Span<byte> text)
    {
        int imported = _compiled.Module.ImportedFunctionCount;
        int end = 0;
        for (int i = 0; i < _functions.Length; i++)
        {
            CodeBlob blob = _compiled.Functions[i];
            int start = (int)_functions[i].TextOffset;
            text[end..start].Fill(Int3);
            blob.Code.CopyTo(text[start..]);
            foreach (CodeRelocation relocation in blob.Relocations)
            {
                int at = start + relocation.CodeOffset;
                int target = (int)_functions[relocation.Function - imported].TextOffset;

                // rel32 counts from the end of the instruction, which is the end of these four bytes.
                BinaryPrimitives.WriteInt32LittleEndian(text[at..], target - (at + sizeof(int)));
            }

            end = start + blob.Code.Length;
        }
    }

    private void WriteHeader(byte[] image, SectionRange[] sections)
    {
        Span<byte> header = image.AsSpan(0, ImageFormat.HeaderBytes);
        ImageFormat.Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header[ImageFormat.FormatAt..], ImageFormat.FormatVersion);
        BinaryPrimitives.WriteUInt32LittleEndian(header[ImageFormat.SectionsAt..], ImageFormat.SectionCount);
        BinaryPrimitives.WriteUInt64LittleEndian(header[ImageFormat.FingerprintAt..], CodeFingerprint.Current);
        BinaryPrimitives.WriteUInt64LittleEndian(header[ImageFormat.FeaturesAt..], (ulong)_compiled.Options.Features);
        BinaryPrimitives.WriteUInt32LittleEndian(header[ImageFormat.BoundsAt..], (uint)_compiled.Options.Bounds);
        BinaryPrimitives.WriteInt32LittleEndian(header[ImageFormat.ImportedAt..], _compiled.Module.ImportedFunctionCount);
        BinaryPrimitives.WriteInt64LittleEndian(header[ImageFormat.FileLengthAt..], image.Length);
        BinaryPrimitives.WriteUInt128LittleEndian(
            header[ImageFormat.SourceHashAt..], XxHash128.HashToUInt128(_compiled.Module.Bytes.Span));
        ImageSections.WriteTable(image, sections);
    }

    private static int Count(CodeBlob[] blobs, Func<CodeBlob, int> entries)
    {
        long total = 0;
        foreach (CodeBlob blob in blobs)
        {
            total += entries(blob);
        }

        return total <= Array.MaxLength ? (int)total : throw ImageSections.TooLarge();
    }

    private static int TableBytes(ImageSection section, int count)
    {
        long bytes = (long)count * ImageFormat.EntryBytes(section);
        return bytes <= Array.MaxLength ? (int)bytes : throw ImageSections.TooLarge();
    }
}
