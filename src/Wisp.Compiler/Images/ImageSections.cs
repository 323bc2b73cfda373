using System.Buffers.Binary;
using Wisp.Abi.Images;

namespace Wisp.Compiler.Images;

/// <summary>Places the sections of an image one behind the other, and writes down where they are.</summary>
internal static class ImageSections
{
    /// <summary>Where sections of these lengths lie.</summary>
    /// <param name="lengths">Bytes of each section, in the order of ImageSection.</param>
    /// <param name="fileBytes">Bytes of the image.</param>
    /// <exception cref="ImageException">They do not fit an image.</exception>
    public static SectionRange[] Place(ReadOnlySpan<int> lengths, out int fileBytes)
    {
        var sections = new SectionRange[ImageFormat.SectionCount];
        long end = ImageFormat.HeaderBytes;
        for (int i = 0; i < sections.Length; i++)
        {
            long start = ImageFormat.AlignUp(end, ImageFormat.Alignment((ImageSection)i));
            end = start + lengths[i];
            if (end > Array.MaxLength)
            {
                throw TooLarge();
            }

            sections[i] = new SectionRange((int)start, lengths[i]);
        }

        fileBytes = (int)end;
        return sections;
    }

    /// <summary>Writes the section table and, last of all, the checksum.</summary>
    public static void WriteTable(byte[] image, SectionRange[] sections)
    {
        Span<byte> header = image.AsSpan(0, ImageFormat.HeaderBytes);
        for (int i = 0; i < sections.Length; i++)
        {
            var section = (ImageSection)i;
            int length = sections[i].Length;
            Span<byte> entry = header.Slice(
                ImageFormat.SectionTableAt + (i * ImageFormat.SectionEntryBytes), ImageFormat.SectionEntryBytes);
            BinaryPrimitives.WriteInt32LittleEndian(entry[ImageFormat.EntryKindAt..], i);
            BinaryPrimitives.WriteInt32LittleEndian(
                entry[ImageFormat.EntryCountAt..],
                ImageFormat.IsTable(section) ? length / ImageFormat.EntryBytes(section) : 0);
            BinaryPrimitives.WriteInt64LittleEndian(entry[ImageFormat.EntryOffsetAt..], sections[i].Offset);
            BinaryPrimitives.WriteInt64LittleEndian(entry[ImageFormat.EntryLengthAt..], length);
        }

        BinaryPrimitives.WriteUInt64LittleEndian(header[ImageFormat.ChecksumAt..], CodeImage.Checksum(image));
    }

    public static ImageException TooLarge() =>
        new(ImageFault.TooLarge, $"the compiled module does not fit an image of {Array.MaxLength} bytes");
}
