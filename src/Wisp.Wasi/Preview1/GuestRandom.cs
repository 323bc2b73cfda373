using System.Buffers.Binary;
using System.Security.Cryptography;
using Wisp.Permissions;

namespace Wisp.Wasi.Preview1;

/// <summary>The random numbers that a guest gets: secure ones, or the same ones in each run.</summary>
/// <remarks>The seeded numbers are SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators",
/// 2014), written out here so that a seed means the same on every version of .NET.</remarks>
internal sealed class GuestRandom(RandomGrant grant)
{
    private const ulong Step = 0x9e3779b97f4a7c15;

    private readonly bool _seeded = grant.Seed is not null;
    private ulong _state = grant.Seed ?? 0;

    /// <summary>Seeded words that were taken so far.</summary>
    public ulong WordsTaken { get; private set; }

    /// <summary>Goes on behind so many seeded words, as if they had been taken here.</summary>
    public void Skip(ulong words)
    {
        if (_seeded)
        {
            _state = unchecked(_state + (words * Step));
            WordsTaken += words;
        }
    }

    public void Fill(Span<byte> bytes)
    {
        if (!_seeded)
        {
            RandomNumberGenerator.Fill(bytes);
            return;
        }

        Span<byte> word = stackalloc byte[sizeof(ulong)];
        while (bytes.Length > 0)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(word, Next());
            int count = Math.Min(bytes.Length, word.Length);
            word[..count].CopyTo(bytes);
            bytes = bytes[count..];
        }
    }

    private ulong Next()
    {
        unchecked
        {
            _state += Step;
            WordsTaken++;
            ulong z = _state;
            z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
            z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
            return z ^ (z >> 31);
        }
    }
}
