namespace Wisp.Memories;

/// <summary>Fields of native records, by address: contexts, tables, globals and function references.</summary>
/// <remarks>Guest memory is not read here but through GuestMemory.</remarks>
internal static unsafe class RawMemory
{
    // SAFETY, for all: the address is that of a field of a record (VmLayout) whose owner, an instance or a store, is alive and whose
    // offset came from the layout; fields are aligned to their size.
    public static ulong Read64(nint address) => *(ulong*)address;

    public static nint ReadPointer(nint address) => *(nint*)address;

    public static void Write64(nint address, ulong value) => *(ulong*)address = value;

    public static void WritePointer(nint address, nint value) => *(nint*)address = value;

    public static uint Read32(nint address) => *(uint*)address;

    public static void Write32(nint address, uint value) => *(uint*)address = value;

    public static UInt128 Read128(nint address) => new(Read64(address + 8), Read64(address));

    public static void Write128(nint address, UInt128 value)
    {
        Write64(address, (ulong)value);
        Write64(address + 8, (ulong)(value >> 64));
    }

    /// <summary>Copies bytes into a slot, which has room for them.</summary>
    public static void Copy(nint to, ReadOnlySpan<byte> from) => from.CopyTo(new Span<byte>((void*)to, from.Length));

    /// <summary>The elements of a table, or the bytes of a context.</summary>
    public static Span<T> Span<T>(nint address, int count)
        where T : unmanaged => new((void*)address, count);

    /// <summary>Makes bytes zero: all of what a slot has committed, while nobody runs in it.</summary>
    public static void Clear(nint address, int bytes) => new Span<byte>((void*)address, bytes).Clear();
}
