using System.Text;
using System.Text.Unicode;

namespace Wisp.Wasi.Preview1;

/// <summary>A path that a guest passed, copied out of its memory before anything is decided about it.</summary>
internal readonly struct GuestPath
{
    private const int MaxBytes = 4095;   // the kernel's PATH_MAX without its zero byte

    private readonly byte[] _bytes;      // the path and a zero byte

    private GuestPath(byte[] bytes) => _bytes = bytes;

    /// <summary>The path with a zero byte at its end.</summary>
    public ReadOnlySpan<byte> Terminated => _bytes;

    /// <summary>The path.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _bytes.Length - 1);

    public bool IsAbsolute => _bytes[0] == (byte)'/';

    /// <summary>Reads a path. Empty ones do not exist, and those with a zero byte would mean another to the
    /// kernel.</summary>
    public static Errno Read(GuestMemory memory, uint address, uint length, out GuestPath path)
    {
        path = default;
        if (length > MaxBytes)
        {
            return Errno.Nametoolong;
        }

        if (!memory.TrySlice(address, length, out Span<byte> bytes))
        {
            return Errno.Fault;
        }

        byte[] copy = new byte[length + 1];
        bytes.CopyTo(copy);
        path = new GuestPath(copy);
        ReadOnlySpan<byte> text = path.Bytes;
        if (text.IsEmpty)
        {
            return Errno.Noent;
        }

        if (text.Contains((byte)0))
        {
            return Errno.Inval;
        }

        return Utf8.IsValid(text) ? Errno.Success : Errno.Ilseq;
    }

    public override string ToString() => Encoding.UTF8.GetString(Bytes);

    /// <summary>Takes the last component off.</summary>
    /// <param name="parent">What stands before it, with a zero byte; empty when nothing does.</param>
    /// <param name="name">The last component with its trailing slashes and a zero byte.</param>
    public void Split(out ReadOnlySpan<byte> parent, out ReadOnlySpan<byte> name)
    {
        int slash = Bytes.TrimEnd((byte)'/').LastIndexOf((byte)'/');
        name = Terminated[(slash + 1)..];
        if (slash < 0)
        {
            parent = default;
            return;
        }

        byte[] before = new byte[slash + 1];
        Bytes[..slash].CopyTo(before);
        parent = before;
    }
}
