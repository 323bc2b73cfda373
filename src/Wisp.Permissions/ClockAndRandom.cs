using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Wisp.Permissions;

/// <summary>What time a program sees.</summary>
/// <param name="FixedAt">Null for the real clocks. Else time starts at this instant and passes only while the program
/// waits, so that two runs see the same.</param>
public sealed record ClockGrant(DateTimeOffset? FixedAt)
{
    private const string FixedPrefix = "fixed=";

    /// <summary>The real clocks of the machine.</summary>
    public static ClockGrant Real { get; } = new((DateTimeOffset?)null);

    /// <summary>The argument of <c>--clock</c> that grants this.</summary>
    public string Flag =>
        FixedAt is { } instant ? FixedPrefix + instant.ToString("O", CultureInfo.InvariantCulture) : "real";

    /// <summary>Reads the argument of <c>--clock</c>: <c>real</c>, or <c>fixed=2026-01-01T00:00:00Z</c>.</summary>
    /// <param name="text">The argument.</param>
    /// <param name="grant">The grant, when the result is true.</param>
    /// <param name="error">Why the text is none, when the result is false.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out ClockGrant? grant,
        [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        error = null;
        if (text == "real")
        {
            grant = Real;
            return true;
        }

        // An instant before 1970 has no place in WASI's unsigned timestamps.
        if (text.StartsWith(FixedPrefix, StringComparison.Ordinal)
            && DateTimeOffset.TryParse(text.AsSpan(FixedPrefix.Length), CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal, out DateTimeOffset instant)
            && instant >= DateTimeOffset.UnixEpoch)
        {
            grant = new ClockGrant(instant);
            return true;
        }

        grant = null;
        error = $"--clock {GuestText.Quote(text)}: expected real, or fixed=2026-01-01T00:00:00Z";
        return false;
    }
}

/// <summary>Where a program's random numbers come from.</summary>
/// <param name="Seed">Null for the system's secure source. Else the same numbers in each run, which is not
/// secure.</param>
public sealed record RandomGrant(ulong? Seed)
{
    private const string SeededPrefix = "seeded=";

    /// <summary>The system's secure source.</summary>
    public static RandomGrant Real { get; } = new((ulong?)null);

    /// <summary>The argument of <c>--random</c> that grants this.</summary>
    public string Flag => Seed is { } seed ? SeededPrefix + seed.ToString(CultureInfo.InvariantCulture) : "real";

    /// <summary>Reads the argument of <c>--random</c>: <c>real</c>, or <c>seeded=42</c>.</summary>
    /// <param name="text">The argument.</param>
    /// <param name="grant">The grant, when the result is true.</param>
    /// <param name="error">Why the text is none, when the result is false.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out RandomGrant? grant,
        [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        error = null;
        if (text == "real")
        {
            grant = Real;
            return true;
        }

        if (text.StartsWith(SeededPrefix, StringComparison.Ordinal)
            && ulong.TryParse(text.AsSpan(SeededPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture,
                out ulong seed))
        {
            grant = new RandomGrant(seed);
            return true;
        }

        grant = null;
        error = $"--random {GuestText.Quote(text)}: expected real, or seeded=NUMBER";
        return false;
    }
}

/// <summary>Which standard streams a program is given; what is not given reads as empty and swallows what is
/// written.</summary>
[Flags]
public enum StandardStreams
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Standard input.</summary>
    Input = 1,

    /// <summary>Standard output.</summary>
    Output = 2,

    /// <summary>Standard error.</summary>
    Error = 4,

    /// <summary>All three.</summary>
    All = Input | Output | Error,
}
