using System.Globalization;
using System.Text;
using Wisp.Wasm;
using Wisp.Wasm.Binary;

namespace Wisp.Fuzz.Generators;

/// <summary>A module with one fault in it.</summary>
/// <param name="Origin">The module it was made from.</param>
/// <param name="Change">What was changed.</param>
/// <param name="Bytes">The bytes.</param>
internal sealed record Mutant(string Origin, string Change, byte[] Bytes);

/// <summary>Cuts modules off and changes single bytes. The same seed gives the same mutant.</summary>
internal sealed class ModuleMutator(ModuleCorpus corpus)
{
    private const int HeaderBytes = 8;

    // Bytes that mean something nearly everywhere: ends, continuations of integers, largest and smallest values, types.
    private static readonly byte[] Telling =
    [
        0x00, 0x01, 0x0b, 0x40, 0x7f, 0x80, 0xff, 0x70, 0x60, 0x63, 0x64, 0x6f, 0x6e, 0x1a, 0x1b, 0x1f, 0x20, 0x41, 0xd0, 0xd4,
        0xfb, 0xfc, 0xfd, 0xfe,
    ];

    /// <summary>Makes a mutant with one to three bytes changed to what stands elsewhere in modules, which is valid more often.</summary>
    /// <param name="seed">Chooses the module and the changes.</param>
    public Mutant Blend(int seed)
    {
        var random = new Random(seed);
        (string name, byte[] original) = corpus[random.Next(corpus.Count)];
        byte[] bytes = [.. original];
        var change = new StringBuilder();
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            int at = Position(original, random);
            byte before = bytes[at];
            bytes[at] = random.Next(4) switch
            {
                0 => original[Position(original, random)],
                1 => Telling[random.Next(Telling.Length)],
                2 => (byte)(before + 1),
                _ => (byte)(before - 1),
            };
            change.Append(CultureInfo.InvariantCulture, $"byte 0x{at:x}: {before:x2} to {bytes[at]:x2} ");
        }

        return new Mutant(name, change.ToString(), bytes);
    }

    /// <summary>Makes a mutant that is cut off or has one byte changed.</summary>
    /// <param name="seed">Chooses the module and the change.</param>
    public Mutant Mutate(int seed)
    {
        var random = new Random(seed);
        (string name, byte[] original) = corpus[random.Next(corpus.Count)];
        if (random.Next(4) == 0)
        {
            int length = random.Next(original.Length);
            return new Mutant(name, $"cut to {length} bytes", original[..length]);
        }

        byte[] bytes = [.. original];
        int at = Position(original, random);
        bytes[at] = random.Next(3) switch
        {
            0 => Telling[random.Next(Telling.Length)],
            1 => (byte)(bytes[at] ^ (1 << random.Next(8))),
            _ => (byte)random.Next(256),
        };
        return new Mutant(name, $"byte 0x{at:x}: {original[at]:x2} to {bytes[at]:x2}", bytes);
    }

    // Any section as likely as another, so that data does not get nearly all changes; now and then the header or a section's own.
    private static int Position(byte[] bytes, Random random)
    {
        var starts = new List<(int Start, int End)>();
        for (int at = HeaderBytes; at < bytes.Length;)
        {
            var reader = new ByteReader(bytes, at, bytes.Length);
            try
            {
                reader.Skip(1);
                int size = reader.ReadLength();
                starts.Add((at, reader.Offset + size));
                at = reader.Offset + size;
            }
            catch (MalformedModuleException)
            {
                break;
            }
        }

        if (starts.Count == 0 || random.Next(50) == 0)
        {
            return random.Next(bytes.Length);
        }

        (int start, int end) = starts[random.Next(starts.Count)];
        return random.Next(start, end);
    }
}
