using System.Buffers.Binary;

namespace Wisp;

/// <summary>A linear memory as the host sees it: every access is checked against its length at the time this view was taken.</summary>
/// <remarks>
/// The one place that dereferences guest memory. Take a fresh view after anything that may have run the guest: a memory only grows,
/// so an old view stays valid until its store is disposed, but does not see the new pages. A shared memory may change under the
/// host, so copy a value out before checking it.
/// </remarks>
public readonly unsafe ref struct GuestMemory
{
    private readonly byte* _start;
    private readonly ulong _bytes;

    internal GuestMemory(nint start, ulong bytes)
    {
        _start = (byte*)start;
        _bytes = bytes;
    }

    /// <summary>Length in bytes.</summary>
    public long Length => (long)_bytes;

    /// <summary>The bytes at a guest address, or false when any of them is outside the memory.</summary>
    /// <param name="address">First byte.</param>
    /// <param name="count">Number of bytes; more than 2 GiB - 1 do not fit a span and give false.</param>
    /// <param name="slice">The bytes.</param>
    /// <returns>Whether all bytes are inside.</returns>
    public bool TrySlice(ulong address, ulong count, out Span<byte> slice)
    {
        if (count > int.MaxValue || address > _bytes || count > _bytes - address)
        {
            slice = default;
            return false;
        }

        // SAFETY: [address, address + count) is in [0, _bytes), checked above, and stays committed while the store lives (VmLayout 3).
        slice = new Span<byte>(_start + address, (int)count);
        return true;
    }

    /// <summary>Reads a byte.</summary>
    /// <param name="address">Its address.</param>
    /// <param name="value">The value read.</param>
    /// <returns>Whether it is inside.</returns>
    public bool TryReadByte(ulong address, out byte value)
    {
        bool inside = TrySlice(address, 1, out Span<byte> bytes);
        value = inside ? bytes[0] : default;
        return inside;
    }

    /// <summary>Reads a little-endian 16-bit number.</summary>
    /// <param name="address">Address of its first byte.</param>
    /// <param name="value">The value read.</param>
    /// <returns>Whether all bytes are inside.</returns>
    public bool TryReadUInt16(ulong address, out ushort value)
    {
        bool inside = TrySlice(address, sizeof(ushort), out Span<byte> bytes);
        value = inside ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : default;
        return inside;
    }

    /// <summary>Reads a little-endian 32-bit number.</summary>
    /// <param name="address">Address of its first byte.</param>
    /// <param name="value">The value read.</param>
    /// <returns>Whether all bytes are inside.</returns>
    public bool TryReadUInt32(ulong address, out uint value)
    {
        bool inside = TrySlice(address, sizeof(uint), out Span<byte> bytes);
        value = inside ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : default;
        return inside;
    }

    /// <summary>Reads a little-endian 64-bit number.</summary>
    /// <param name="address">Address of its first byte.</param>
    /// <param name="value">The value read.</param>
    /// <returns>Whether all bytes are inside.</returns>
    public bool TryReadUInt64(ulong address, out ulong value)
    {
        bool inside = TrySlice(address, sizeof(ulong), out Span<byte> bytes);
        value = inside ? BinaryPrimitives.ReadUInt64LittleEndian(bytes) : default;
        return inside;
    }

    /// <summary>Writes a byte.</summary>
    /// <param name="address">Its address.</param>
    /// <param name="value">The value to write.</param>
    /// <returns>Whether it is inside; nothing is written otherwise.</returns>
    public bool TryWriteByte(ulong address, byte value)
    {
        bool inside = TrySlice(address, 1, out Span<byte> bytes);
        if (inside)
        {
            bytes[0] = value;
        }

        return inside;
    }

    /// <summary>Writes a little-endian 16-bit number.</summary>
    /// <param name="address">Address of its first byte.</param>
    /// <param name="value">The value to write.</param>
    /// <returns>Whether all bytes are inside; nothing is written otherwise.</returns>
    public bool TryWriteUInt16(ulong address, ushort value) =>
        TrySlice(address, sizeof(ushort), out Span<byte> bytes) && BinaryPrimitives.TryWriteUInt16LittleEndian(bytes, value);

    /// <summary>Writes a little-endian 32-bit number.</summary>
    /// <param name="address">Address of its first byte.</param>
    /// <param name="value">The value to write.</param>
    /// <returns>Whether all bytes are inside; nothing is written otherwise.</returns>
    public bool TryWriteUInt32(ulong address, uint value) =>
        TrySlice(address, sizeof(uint), out Span<byte> bytes) && BinaryPrimitives.TryWriteUInt32LittleEndian(bytes, value);

    /// <summary>Writes a little-endian 64-bit number.</summary>
    /// <param name="address">Address of its first byte.</param>
    /// <param name="value">The value to write.</param>
    /// <returns>Whether all bytes are inside; nothing is written otherwise.</returns>
    public bool TryWriteUInt64(ulong address, ulong value) =>
        TrySlice(address, sizeof(ulong), out Span<byte> bytes) && BinaryPrimitives.TryWriteUInt64LittleEndian(bytes, value);

    /// <summary>Copies bytes into the memory.</summary>
    /// <param name="address">Where the first one goes.</param>
    /// <param name="source">The bytes.</param>
    /// <returns>Whether all fit; nothing is written otherwise.</returns>
    public bool TryWrite(ulong address, ReadOnlySpan<byte> source)
    {
        bool inside = TrySlice(address, (ulong)source.Length, out Span<byte> bytes);
        if (inside)
        {
            source.CopyTo(bytes);
        }

        return inside;
    }
}
