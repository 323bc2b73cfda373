using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Wisp.Abi.Images;
using Wisp.Wasm.Model;

namespace Wisp.Compiler.Images;

/// <summary>Writes the image of a snapshot: the code of the image that its instance ran, and the instance's own state and memories.</summary>
internal static class SnapshotImageWriter
{
    /// <summary>The image.</summary>
    /// <param name="code">The image of the module that the instance is of.</param>
    /// <param name="module">That image's module, decoded.</param>
    /// <param name="state">What the instance is.</param>
    /// <param name="runs">Where pages that are not zero lie, sorted.</param>
    /// <param name="read">Copies the bytes of a run.</param>
    /// <exception cref="ImageException">They do not fit an image.</exception>
    public static byte[] Write(CodeImage code, WasmModule module, SnapshotState state, HeapRun[] runs, RunReader read)
    {
        byte[] definition = ModuleStripper.Strip(module, withoutData: true);   // what the active segments held is in the memories
        byte[] stateBytes = state.Write();
        int[] lengths = new int[ImageFormat.SectionCount];
        long heapBytes = 0;
        foreach (HeapRun run in runs)
        {
            heapBytes += run.Bytes;
        }

        for (int i = 0; i < lengths.Length; i++)
        {
            lengths[i] = (ImageSection)i switch
            {
                ImageSection.Module => definition.Length,
                ImageSection.Runs => runs.Length * ImageFormat.EntryBytes(ImageSection.Runs),
                ImageSection.State => stateBytes.Length,
                ImageSection.Heap => heapBytes <= Array.MaxLength ? (int)heapBytes : throw ImageSections.TooLarge(),
                _ => code.Section((ImageSection)i).Length,
            };
        }

        SectionRange[] sections = ImageSections.Place(lengths, out int fileBytes);
        byte[] image = new byte[fileBytes];
        Span<byte> Bytes(ImageSection section) =>
            image.AsSpan(sections[(int)section].Offset, sections[(int)section].Length);
        code.Bytes.Span[..ImageFormat.SectionTableAt].CopyTo(image);   // who made the code, and for which processor, is still so
        foreach (ImageSection section in (ReadOnlySpan<ImageSection>)
            [ImageSection.Functions, ImageSection.Traps, ImageSection.Calls, ImageSection.Escaping, ImageSection.Text])
        {
            code.Section(section).Span.CopyTo(Bytes(section));
        }

        definition.CopyTo(Bytes(ImageSection.Module));
        runs.CopyTo(MemoryMarshal.Cast<byte, HeapRun>(Bytes(ImageSection.Runs)));
        stateBytes.CopyTo(Bytes(ImageSection.State));
        Span<byte> heap = Bytes(ImageSection.Heap);
        foreach (HeapRun run in runs)
        {
            read(run, heap[..(int)run.Bytes]);
            heap = heap[(int)run.Bytes..];
        }

        BinaryPrimitives.WriteInt64LittleEndian(image.AsSpan(ImageFormat.FileLengthAt), image.Length);
        ImageSections.WriteTable(image, sections);
        GC.KeepAlive(code);   // whose bytes may be a mapping, which goes with its last user
        return image;
    }
}

/// <summary>Copies the bytes of a run of pages out of a memory.</summary>
/// <param name="run">Which ones.</param>
/// <param name="to">Room for exactly these.</param>
internal delegate void RunReader(HeapRun run, Span<byte> to);
