using System.Globalization;
using System.Text;

namespace Wisp.Host.Snapshots;

// Kept in the image:  wisp-host 1 LF  "ran=" name LF  "random=" number LF

/// <summary>What the host must know of a snapshot besides its state.</summary>
/// <param name="Ran">The function that was run.</param>
/// <param name="RandomWords">Seeded random numbers that it took.</param>
internal sealed record SnapshotNotes(string Ran, ulong RandomWords)
{
    private const string Head = "wisp-host 1";
    private const string RanKey = "ran=";
    private const string RandomKey = "random=";

    public byte[] ToBytes() => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"{Head}\n{RanKey}{Ran}\n{RandomKey}{RandomWords}\n"));

    /// <summary>The notes of a module; those of a snapshot that somebody else took say nothing.</summary>
    public static SnapshotNotes Of(Module module)
    {
        string[] lines = Encoding.UTF8.GetString(module.SnapshotNotes.Span).Split('\n');
        return lines is [Head, var ran, var random, ""]
            && ran.StartsWith(RanKey, StringComparison.Ordinal) && random.StartsWith(RandomKey, StringComparison.Ordinal)
            && ulong.TryParse(random.AsSpan(RandomKey.Length), NumberStyles.None, CultureInfo.InvariantCulture, out ulong words)
            ? new SnapshotNotes(ran[RanKey.Length..], words)
            : new SnapshotNotes(string.Empty, 0);
    }
}
