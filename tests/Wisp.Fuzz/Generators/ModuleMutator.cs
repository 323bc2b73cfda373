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
    private static readonly byte[] Telling = [0x00, 0x01, 0x0b, 0x40, 0x7f, 0x80, 0xff, 0x70, 0x60, 0xfb, 0xfc, 0xfd, 0xfe];

    /// <summary>Makes a mutant.</summary>
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
