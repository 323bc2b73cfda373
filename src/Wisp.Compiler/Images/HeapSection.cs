using Wisp.Abi;
using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;

namespace Wisp.Compiler.Images;

// What memory 0 holds after instantiation, as it goes into the image:
//
//   memory   0        Start                              Start + Bytes.Length
//            ├────────┼──────────────────────────────────┼─────────────────┐
//            │ zero   │ the section's bytes, whole pages │ zero            │
//            └────────┴──────────────────────────────────┴─────────────────┘
//
// A module whose data is not known before it is instantiated, does not fit (which must trap), is little or lies far apart gets none;
// its segments are then copied.

/// <summary>The active data segments of a module as dense pages.</summary>
internal sealed class HeapSection
{
    /// <summary>Less than this is copied faster than mapped.</summary>
    private const long MinDataBytes = 16 << 10;

    /// <summary>Segments that lie further apart than this, measured in their own bytes, would make the file too large.</summary>
    private const long MaxSpread = 4;

    private HeapSection(long start, byte[] bytes)
    {
        Start = start;
        Bytes = bytes;
    }

    public static HeapSection None { get; } = new(0, []);

    /// <summary>Address of the first byte in memory 0, a multiple of the page size.</summary>
    public long Start { get; }

    public byte[] Bytes { get; }

    /// <summary>Makes the section; <see cref="None"/> where segments are to be copied.</summary>
    public static HeapSection Create(WasmModule module)
    {
        if (module.Memories.Length == 0 || module.ImportedMemoryCount > 0
            || !TryMeasure(module, out long start, out long end))
        {
            return None;
        }

        byte[] bytes = new byte[end - start];
        foreach (DataSegment segment in module.Data)
        {
            if (segment.Mode == SegmentMode.Active)
            {
                TryConstant(module, segment.Offset, out ulong at);
                module.Bytes.Span.Slice(segment.BytesOffset, segment.BytesLength).CopyTo(bytes.AsSpan((int)((long)at - start)));
            }
        }

        return new HeapSection(start, bytes);
    }

    // Every active segment must be known now, go to memory 0, and fit: one that does not must trap when it is applied.
    private static bool TryMeasure(WasmModule module, out long start, out long end)
    {
        start = long.MaxValue;
        end = 0;
        long data = 0;
        ulong length = Math.Min(module.Memories[0].Limits.Minimum, int.MaxValue / (ulong)VmLayout.WasmPageBytes)
            * (ulong)VmLayout.WasmPageBytes;
        foreach (DataSegment segment in module.Data)
        {
            if (segment.Mode != SegmentMode.Active)
            {
                continue;
            }

            if (segment.Memory.Index != 0 || !TryConstant(module, segment.Offset, out ulong at)
                || at > length || (ulong)segment.BytesLength > length - at)
            {
                return false;
            }

            data += segment.BytesLength;
            start = Math.Min(start, (long)at);
            end = Math.Max(end, (long)at + segment.BytesLength);
        }

        start &= -VmLayout.PageBytes;
        end = (end + VmLayout.PageBytes - 1) & -VmLayout.PageBytes;
        return data >= MinDataBytes && end - start <= data * MaxSpread;
    }

    private static bool TryConstant(WasmModule module, ConstantExpression expression, out ulong value)
    {
        var reader = new InstructionReader(module, expression.Offset, expression.Length);
        var instruction = default(Instruction);
        reader.Read(ref instruction);
        value = instruction.Opcode == Opcode.I32Const ? (uint)instruction.Bits : instruction.Bits;
        bool isConstant = instruction.Opcode is Opcode.I32Const or Opcode.I64Const;
        reader.Read(ref instruction);
        return isConstant && instruction.Opcode == Opcode.End;
    }
}
