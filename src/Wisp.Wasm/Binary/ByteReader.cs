using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using Wisp.Wasm.Model;

namespace Wisp.Wasm.Binary;

/// <summary>Reads the values of the binary format from a part of a module.</summary>
/// <remarks>
/// Every integer is a LEB128 of at most as many bytes as its width needs, whose unused bits agree with its sign.
/// Source: <see href="https://webassembly.github.io/spec/core/binary/values.html#integers">integers</see>.
/// </remarks>
/// <param name="bytes">The whole module, so that offsets in errors are those of the file.</param>
/// <param name="offset">Where reading starts.</param>
/// <param name="end">Where it must stop.</param>
internal ref struct ByteReader(ReadOnlySpan<byte> bytes, int offset, int end)
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, true);

    private readonly ReadOnlySpan<byte> _bytes = bytes[..end];
    private int _offset = offset;

    public readonly int Offset => _offset;

    public readonly int End => _bytes.Length;

    public readonly int Remaining => _bytes.Length - _offset;

    public readonly bool AtEnd => _offset >= _bytes.Length;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte ReadByte()
    {
        if ((uint)_offset >= (uint)_bytes.Length)
        {
            Malformed.UnexpectedEnd(_offset);
        }

        return _bytes[_offset++];
    }

    public readonly byte PeekByte()
    {
        if ((uint)_offset >= (uint)_bytes.Length)
        {
            Malformed.UnexpectedEnd(_offset);
        }

        return _bytes[_offset];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint ReadU32()
    {
        if ((uint)_offset < (uint)_bytes.Length && _bytes[_offset] < 0x80)
        {
            return _bytes[_offset++];
        }

        return (uint)ReadLongUnsigned(32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong ReadU64()
    {
        if ((uint)_offset < (uint)_bytes.Length && _bytes[_offset] < 0x80)
        {
            return _bytes[_offset++];
        }

        return ReadLongUnsigned(64);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int ReadS32()
    {
        if ((uint)_offset < (uint)_bytes.Length && _bytes[_offset] < 0x80)
        {
            return (_bytes[_offset++] << 25) >> 25;
        }

        return (int)ReadLongSigned(32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long ReadS64()
    {
        if ((uint)_offset < (uint)_bytes.Length && _bytes[_offset] < 0x80)
        {
            return (_bytes[_offset++] << 25) >> 25;
        }

        return ReadLongSigned(64);
    }

    /// <summary>A 33-bit signed integer: a type index, or a negative code of one byte.</summary>
    public long ReadS33() => ReadLongSigned(33);

    public uint ReadFixed32() => BinaryPrimitives.ReadUInt32LittleEndian(ReadBytes(4));

    public ulong ReadFixed64() => BinaryPrimitives.ReadUInt64LittleEndian(ReadBytes(8));

    public UInt128 ReadFixed128() => BinaryPrimitives.ReadUInt128LittleEndian(ReadBytes(16));

    public ReadOnlySpan<byte> ReadBytes(int count)
    {
        if (count > Remaining)
        {
            Malformed.UnexpectedEnd(_bytes.Length);
        }

        ReadOnlySpan<byte> slice = _bytes.Slice(_offset, count);
        _offset += count;
        return slice;
    }

    /// <summary>A length in bytes, which what remains must hold.</summary>
    public int ReadLength()
    {
        int at = _offset;
        uint length = ReadU32();
        if (length > (uint)Remaining)
        {
            Malformed.LengthOutOfBounds(length, at);
        }

        return (int)length;
    }

    /// <summary>The number of elements that follow. Each takes at least one byte, so more cannot be.</summary>
    public int ReadCount(string what, int limit)
    {
        int at = _offset;
        uint count = ReadU32();
        if (count > (uint)limit)
        {
            Malformed.LimitExceeded(what, count, limit, at);
        }

        if (count > (uint)Remaining)
        {
            Malformed.UnexpectedEnd(_bytes.Length);
        }

        return (int)count;
    }

    /// <summary>An index. One past what an int holds is no index of anything, and stays so.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int ReadIndex() => (int)Math.Min(ReadU32(), int.MaxValue);

    /// <summary>A UTF-8 name after its length in bytes.</summary>
    public string ReadName()
    {
        if (AtEnd)
        {
            Malformed.NameMissing(_offset);
        }

        int length = ReadLength();
        int at = _offset;
        ReadOnlySpan<byte> utf8 = ReadBytes(length);
        try
        {
            return StrictUtf8.GetString(utf8);
        }
        catch (DecoderFallbackException)
        {
            Malformed.Utf8(at);
            return "";
        }
    }

    public void Skip(int count) => ReadBytes(count);

    public HeapType ReadHeapType()
    {
        int at = _offset;
        long code = ReadS33();
        if (code >= 0)
        {
            return new HeapType((int)Math.Min(code, int.MaxValue));
        }

        if (!TryAbstractHeapType((byte)(code & 0x7f), out HeapType heap) || code < -64)
        {
            Malformed.HeapType(code, at);
        }

        return heap;
    }

    public ValType ReadValType()
    {
        int at = _offset;
        byte code = ReadByte();
        switch (code)
        {
            case 0x7f:
                return ValType.I32;
            case 0x7e:
                return ValType.I64;
            case 0x7d:
                return ValType.F32;
            case 0x7c:
                return ValType.F64;
            case 0x7b:
                return ValType.V128;
            default:
                if (!TryReferenceType(code, out ValType type))
                {
                    Malformed.ValueType(code, at);
                }

                return type;
        }
    }

    public ValType ReadReferenceType()
    {
        int at = _offset;
        byte code = ReadByte();
        if (!TryReferenceType(code, out ValType type))
        {
            Malformed.ReferenceType(code, at);
        }

        return type;
    }

    /// <summary>A reference type whose first byte has been read: <c>63 ht</c>, <c>64 ht</c>, or a heap type for its nullable form.</summary>
    private bool TryReferenceType(byte code, out ValType type)
    {
        if (code is 0x63 or 0x64)
        {
            type = ValType.Reference(code == 0x63, ReadHeapType());
            return true;
        }

        bool known = TryAbstractHeapType(code, out HeapType heap);
        type = ValType.Reference(true, heap);
        return known;
    }

    private static bool TryAbstractHeapType(byte code, out HeapType heap)
    {
        heap = code switch
        {
            0x74 => HeapType.NoExn,
            0x73 => HeapType.NoFunc,
            0x72 => HeapType.NoExtern,
            0x71 => HeapType.None,
            0x70 => HeapType.Func,
            0x6f => HeapType.Extern,
            0x6e => HeapType.Any,
            0x6d => HeapType.Eq,
            0x6c => HeapType.I31,
            0x6b => HeapType.Struct,
            0x6a => HeapType.Array,
            0x69 => HeapType.Exn,
            _ => default,
        };
        return heap != default;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ulong ReadLongUnsigned(int width)
    {
        int start = _offset;
        ulong result = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = ReadByte();
            if (shift + 7 >= width)
            {
                // The last byte that fits: no continuation, and no bit beyond the width.
                if (next >= 0x80)
                {
                    Malformed.IntegerTooLong(start);
                }

                if (next >> (width - shift) != 0)
                {
                    Malformed.IntegerTooLarge(start);
                }
            }

            result |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return result;
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private long ReadLongSigned(int width)
    {
        int start = _offset;
        long result = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = ReadByte();
            if (shift + 7 >= width)
            {
                if (next >= 0x80)
                {
                    Malformed.IntegerTooLong(start);
                }

                // The sign bit and everything above it must be equal.
                int above = (sbyte)(next << 1) >> (width - shift);
                if (above is not (0 or -1))
                {
                    Malformed.IntegerTooLarge(start);
                }
            }

            result |= (long)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                int unused = 64 - shift - 7;
                return unused > 0 ? (result << unused) >> unused : result;
            }
        }
    }
}
