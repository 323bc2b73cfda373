using Wisp.Wasm.Model;

namespace Wisp.Compiler.Images;

// https://webassembly.github.io/spec/core/binary/modules.html#sections
//   module  = magic version section*        section = id:byte size:u32 contents
//   data    = count:u32 segment*            segment = flags:u32 memory:u32? offset:expr? length:u32 byte*

/// <summary>Takes out of a module's bytes what an image holds in another form: the code section, and data that is in the heap section.</summary>
internal static class ModuleStripper
{
    private const int PreambleBytes = 8;
    private const byte CodeSection = 10;
    private const byte DataSection = 11;

    /// <summary>The module without its code section; every other section, custom ones included, stays as it is.</summary>
    /// <param name="module">A module that was decoded already, so that its sections are known to be in order.</param>
    /// <param name="withoutData">Whether active data segments are left without bytes, since the heap section has them.</param>
    public static byte[] Strip(WasmModule module, bool withoutData)
    {
        ReadOnlySpan<byte> bytes = module.Bytes.Span;
        var stripped = new List<byte>(bytes.Length);
        stripped.AddRange(bytes[..PreambleBytes]);
        int at = PreambleBytes;
        while (at < bytes.Length)
        {
            int start = at;
            byte id = bytes[at++];
            uint size = ReadU32(bytes, ref at);
            int end = checked((int)(at + (long)size));
            if (id == DataSection && withoutData)
            {
                byte[] emptied = EmptyActive(module, at, end);
                stripped.Add(id);
                AddU32(stripped, emptied.Length);
                stripped.AddRange(emptied);
            }
            else if (id != CodeSection)
            {
                stripped.AddRange(bytes[start..end]);
            }

            at = end;
        }

        return [.. stripped];
    }

    // The section's contents with active segments of no bytes. What lies between the bytes of two segments is copied as it is, but for
    // the length in front of the bytes.
    private static byte[] EmptyActive(WasmModule module, int start, int end)
    {
        ReadOnlySpan<byte> bytes = module.Bytes.Span;
        var emptied = new List<byte>();
        int at = start;
        foreach (DataSegment segment in module.Data)
        {
            if (segment.Mode == SegmentMode.Active)
            {
                emptied.AddRange(bytes[at..(segment.BytesOffset - LengthBytes(bytes, segment))]);
                emptied.Add(0);
                at = segment.BytesOffset + segment.BytesLength;
            }
        }

        emptied.AddRange(bytes[at..end]);
        return [.. emptied];
    }

    // An active segment's length follows the end of its offset expression; it may be written in more bytes than needed.
    private static int LengthBytes(ReadOnlySpan<byte> bytes, DataSegment segment)
    {
        int lengthAt = segment.Offset.Offset + segment.Offset.Length;
        int at = lengthAt;
        ReadU32(bytes, ref at);
        return at == segment.BytesOffset
            ? at - lengthAt
            : throw new InvalidOperationException($"the length of the data at {segment.BytesOffset} is not in front of it");
    }

    private static void AddU32(List<byte> bytes, int value)
    {
        uint rest = (uint)value;
        for (; rest >= 0x80; rest >>= 7)
        {
            bytes.Add((byte)(rest | 0x80));
        }

        bytes.Add((byte)rest);
    }

    private static uint ReadU32(ReadOnlySpan<byte> bytes, ref int at)
    {
        uint value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = bytes[at++];
            value |= (uint)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
