using System.Buffers.Binary;
using Wisp.Wasm.Model;

namespace Wisp.Wasm.Text;

// Values of the binary format   https://webassembly.github.io/spec/core/binary/values.html

/// <summary>Writes the binary format into a buffer that grows.</summary>
internal sealed class WasmWriter
{
    private byte[] _buffer = new byte[256];

    /// <summary>How many bytes it has.</summary>
    public int Length { get; private set; }

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    /// <summary>Forgets all bytes from a length on.</summary>
    /// <param name="length">The length to go back to.</param>
    public void Truncate(int length) => Length = length;

    /// <summary>Writes a byte.</summary>
    /// <param name="value">The byte.</param>
    public void Byte(int value)
    {
        if (Length == _buffer.Length)
        {
            Array.Resize(ref _buffer, Length * 2);
        }

        _buffer[Length++] = (byte)value;
    }

    /// <summary>Writes an unsigned number as LEB128.</summary>
    /// <param name="value">The number.</param>
    public void Unsigned(ulong value)
    {
        while (value >= 0x80)
        {
            Byte((int)(value | 0x80));
            value >>= 7;
        }

        Byte((int)value);
    }

    /// <summary>Writes a signed number as LEB128.</summary>
    /// <param name="value">The number.</param>
    public void Signed(long value)
    {
        while (value is < -64 or > 63)
        {
            Byte((int)(value | 0x80));
            value >>= 7;
        }

        Byte((int)value & 0x7f);
    }

    /// <summary>Writes 32 bits, lowest byte first.</summary>
    /// <param name="value">The bits.</param>
    public void Bits32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Reserve(sizeof(uint)), value);

    /// <summary>Writes 64 bits, lowest byte first.</summary>
    /// <param name="value">The bits.</param>
    public void Bits64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Reserve(sizeof(ulong)), value);

    /// <summary>Writes bytes as they are.</summary>
    /// <param name="bytes">The bytes.</param>
    public void Bytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reserve(bytes.Length));

    /// <summary>Writes the number of bytes and the bytes: a name or the contents of a section.</summary>
    /// <param name="bytes">The bytes.</param>
    public void Vector(ReadOnlySpan<byte> bytes)
    {
        Unsigned((ulong)bytes.Length);
        Bytes(bytes);
    }

    /// <summary>Writes a value type.</summary>
    /// <param name="type">The type.</param>
    public void Type(ValType type)
    {
        if (!type.IsReference)
        {
            Byte(0x80 - (int)type.Kind);   // i32 0x7f, i64 0x7e, f32 0x7d, f64 0x7c, v128 0x7b
        }
        else if (type.IsNullable && !type.Heap.IsConcrete)
        {
            Heap(type.Heap);
        }
        else
        {
            Byte(type.IsNullable ? 0x63 : 0x64);
            Heap(type.Heap);
        }
    }

    /// <summary>Writes a heap type.</summary>
    /// <param name="heap">The type.</param>
    public void Heap(HeapType heap) => Signed(heap.IsConcrete ? heap.Code : AbstractCode(heap));

    // https://webassembly.github.io/spec/core/binary/types.html#heap-types, as negative s33
    private static int AbstractCode(HeapType heap) =>
        heap == HeapType.Func ? -0x10
        : heap == HeapType.Extern ? -0x11
        : heap == HeapType.Any ? -0x12
        : heap == HeapType.Eq ? -0x13
        : heap == HeapType.I31 ? -0x14
        : heap == HeapType.Struct ? -0x15
        : heap == HeapType.Array ? -0x16
        : heap == HeapType.Exn ? -0x17
        : heap == HeapType.None ? -0x0f
        : heap == HeapType.NoExtern ? -0x0e
        : heap == HeapType.NoFunc ? -0x0d
        : -0x0c;

    private Span<byte> Reserve(int count)
    {
        if (count > _buffer.Length - Length)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, Length + count));
        }

        Span<byte> span = _buffer.AsSpan(Length, count);
        Length += count;
        return span;
    }
}
