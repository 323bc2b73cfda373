using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Wisp.Abi.Images;

/// <summary>Reads the State section, no byte of it before it is known to be there.</summary>
internal ref struct StateReader(ReadOnlySpan<byte> bytes, string name)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;

    /// <summary>Bytes not read yet.</summary>
    public readonly int Left => _bytes.Length - _at;

    public uint U32() => BinaryPrimitives.ReadUInt32LittleEndian(Bytes(sizeof(uint)));

    public ulong U64() => BinaryPrimitives.ReadUInt64LittleEndian(Bytes(sizeof(ulong)));

    /// <summary>A count of entries that have so many bytes each at least, which are there.</summary>
    public int Count(int entryBytes)
    {
        uint count = U32();
        Check(count <= (uint)(Left / entryBytes), $"{count} entries in {Left} bytes");
        return (int)count;
    }

    public void Flags(bool[] flags)
    {
        foreach (ref bool flag in flags.AsSpan())
        {
            byte value = Bytes(1)[0];
            Check(value <= 1, $"a flag of {value}");
            flag = value == 1;
        }
    }

    public void Words(Span<ulong> words) => Bytes(words.Length * sizeof(ulong)).CopyTo(MemoryMarshal.AsBytes(words));

    public ReadOnlySpan<byte> Bytes(int count)
    {
        Check(count <= Left, "cut off");
        _at += count;
        return _bytes.Slice(_at - count, count);
    }

    public readonly void Check(bool isRight, string what)
    {
        if (!isRight)
        {
            throw new ImageException(ImageFault.Damaged, $"{name}: damaged: State at offset {_at}: {what}");
        }
    }
}

/// <summary>Appends to the State section.</summary>
internal static class StateBytes
{
    public static void Add(List<byte> bytes, uint value)
    {
        Span<byte> word = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(word, value);
        bytes.AddRange(word);
    }

    public static void Add(List<byte> bytes, ulong value)
    {
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(word, value);
        bytes.AddRange(word);
    }
}
