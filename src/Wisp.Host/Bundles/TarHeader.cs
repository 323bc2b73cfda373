using System.Globalization;
using System.Text;

namespace Wisp.Host.Bundles;

// ustar header, one block of 512 bytes
// https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06
//
//     0  name      100   ended by zero unless full
//   100  mode        8   octal digits, as all numbers
//   108  uid         8
//   116  gid         8
//   124  size       12
//   136  mtime      12
//   148  checksum    8   sum of the block's bytes, with spaces here
//   156  type        1   '0' or zero: a file, '5': a folder
//   157  link      100
//   257  magic       6   "ustar" and zero (POSIX) or a space (GNU)
//   263  version     2
//   345  prefix    155   goes in front of name with a slash; POSIX only
//
// The file's bytes follow, filled up to a whole block. Two blocks of zeros end the archive.

/// <summary>The head of a file in a tar archive, as far as bundles use it.</summary>
/// <param name="Name">Its path.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="IsFolder">Whether it is a folder.</param>
internal readonly record struct TarHeader(string Name, long Bytes, bool IsFolder)
{
    public const int BlockBytes = 512;
    public const int MaxNameBytes = 100;
    public const int MaxPrefixBytes = 155;

    private const int SizeAt = 124;
    private const int SizeBytes = 12;
    private const int ChecksumAt = 148;
    private const int ChecksumBytes = 8;
    private const int TypeAt = 156;
    private const int MagicAt = 257;
    private const int VersionAt = 263;
    private const int PrefixAt = 345;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a header.</summary>
    /// <exception cref="BundleException">It is none, or of something that a bundle does not hold.</exception>
    public static TarHeader Read(ReadOnlySpan<byte> block)
    {
        bool isPosix = block[MagicAt..].StartsWith("ustar\0"u8);
        if (!isPosix && !block[MagicAt..].StartsWith("ustar "u8))
        {
            throw new BundleException("not a tar archive");
        }

        if (Octal(block.Slice(ChecksumAt, ChecksumBytes)) != Checksum(block))
        {
            throw new BundleException("the header of a file is damaged");
        }

        byte type = block[TypeAt];
        if (type is not ((byte)'0' or 0 or (byte)'5'))
        {
            throw new BundleException(type switch
            {
                (byte)'1' or (byte)'2' => "a link; a bundle holds files and folders",
                (byte)'3' or (byte)'4' or (byte)'6' => "a device or a pipe; a bundle holds files and folders",
                (byte)'x' or (byte)'g' or (byte)'L' or (byte)'K' => "extended headers, as long names have; make it with tar --format=ustar",
                _ => "an entry of unknown type; a bundle holds files and folders",
            });
        }

        string name = Text(block[..MaxNameBytes]);
        string prefix = isPosix ? Text(block.Slice(PrefixAt, MaxPrefixBytes)) : string.Empty;
        long bytes = Octal(block.Slice(SizeAt, SizeBytes));
        bool isFolder = type == (byte)'5';
        return isFolder && bytes != 0
            ? throw new BundleException("a folder with contents")
            : new TarHeader(prefix.Length == 0 ? name : $"{prefix}/{name}", bytes, isFolder);
    }

    /// <summary>Writes the header of a file, always with the same time, owner and mode.</summary>
    /// <exception cref="BundleException">The name is too long.</exception>
    public static void Write(Span<byte> block, string name, long bytes)
    {
        block.Clear();
        byte[] text = Encoding.UTF8.GetBytes(name);
        int cut = 0;
        if (text.Length > MaxNameBytes)
        {
            cut = Array.FindIndex(text, text.Length - MaxNameBytes - 1, c => c == '/');
            if (cut is < 1 or > MaxPrefixBytes || cut == text.Length - 1)
            {
                throw new BundleException($"{name}: the path is too long: {MaxNameBytes} bytes for the file's name and {MaxPrefixBytes} for its folder");
            }

            text.AsSpan(0, cut).CopyTo(block[PrefixAt..]);
            cut++;
        }

        text.AsSpan(cut).CopyTo(block);
        WriteOctal(block.Slice(100, 8), 0x1a4);   // rw-r--r--
        WriteOctal(block.Slice(108, 8), 0);
        WriteOctal(block.Slice(116, 8), 0);
        WriteOctal(block.Slice(SizeAt, SizeBytes), bytes);
        WriteOctal(block.Slice(136, 12), 0);
        block[TypeAt] = (byte)'0';
        "ustar\0"u8.CopyTo(block[MagicAt..]);
        "00"u8.CopyTo(block[VersionAt..]);
        WriteOctal(block.Slice(ChecksumAt, ChecksumBytes - 1), Checksum(block));
        block[ChecksumAt + ChecksumBytes - 1] = (byte)' ';
    }

    private static long Checksum(ReadOnlySpan<byte> block)
    {
        long sum = 0;
        for (int i = 0; i < BlockBytes; i++)
        {
            sum += i is >= ChecksumAt and < ChecksumAt + ChecksumBytes ? ' ' : block[i];
        }

        return sum;
    }

    /// <summary>Digits, with spaces in front and a zero or a space behind. The base-256 form of GNU, for 8 GiB and more, is refused.</summary>
    private static long Octal(ReadOnlySpan<byte> field)
    {
        ReadOnlySpan<byte> digits = field.TrimStart((byte)' ');
        int end = digits.IndexOfAny((byte)0, (byte)' ');
        digits = end < 0 ? digits : digits[..end];
        if (digits.Length == 0 || digits.ContainsAnyExceptInRange((byte)'0', (byte)'7'))
        {
            throw new BundleException("a number in the header of a file is none");
        }

        long value = 0;
        foreach (byte digit in digits)
        {
            value = (value << 3) + (digit - '0');   // 12 digits of 3 bits
        }

        return value;
    }

    private static void WriteOctal(Span<byte> field, long value)
    {
        string digits = Convert.ToString(value, 8).PadLeft(field.Length - 1, '0');
        if (digits.Length >= field.Length)
        {
            throw new BundleException(string.Create(CultureInfo.InvariantCulture, $"a file of {value} bytes is too large for a bundle"));
        }

        Encoding.ASCII.GetBytes(digits, field);
    }

    private static string Text(ReadOnlySpan<byte> field)
    {
        int end = field.IndexOf((byte)0);
        try
        {
            return StrictUtf8.GetString(end < 0 ? field : field[..end]);
        }
        catch (ArgumentException exception)
        {
            throw new BundleException("a name that is not UTF-8", exception);
        }
    }
}
