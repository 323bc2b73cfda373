using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Wisp.Permissions;

/// <summary>What a program may use of the machine. Null means that nothing was said, so the engine's own default
/// holds.</summary>
public sealed record ResourceLimits
{
    /// <summary>No limit but the engine's defaults.</summary>
    public static ResourceLimits Default { get; } = new();

    /// <summary>Bytes of linear memory, all memories of an instance together. <c>memory=64MiB</c></summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Time on a processor. <c>cpu=50ms</c></summary>
    public TimeSpan? CpuTime { get; init; }

    /// <summary>Time on the clock on the wall, waiting included. <c>wall=2s</c></summary>
    public TimeSpan? WallTime { get; init; }

    /// <summary>Bytes of the stack that compiled code runs on. <c>stack=1MiB</c></summary>
    public long? StackBytes { get; init; }

    /// <summary>Table entries, all tables together. <c>tables=10000</c></summary>
    public long? TableElements { get; init; }

    /// <summary>Descriptors open at once, preopens and standard streams included. <c>files=64</c></summary>
    public long? OpenFiles { get; init; }

    /// <summary>Bytes that a program may write as its answer. <c>response=10MiB</c></summary>
    public long? ResponseBytes { get; init; }

    /// <summary>Reads the argument of <c>--limit</c>, <c>NAME=VALUE</c> separated by commas, over these
    /// limits.</summary>
    /// <param name="text">For example <c>memory=64MiB,cpu=50ms</c>. Sizes take B, K, M, G (powers of 1024), also as
    /// KiB or KB. Times take us, ms, s, m, h; a bare number is seconds.</param>
    /// <param name="limits">These limits with what the text says, when the result is true.</param>
    /// <param name="error">Why the text is none, when the result is false.</param>
    public bool TryParse(string text, [NotNullWhen(true)] out ResourceLimits? limits,
        [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        limits = null;
        ResourceLimits result = this;
        foreach (string part in text.Split(','))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? part : part[..equals];
            string value = equals < 0 ? "" : part[(equals + 1)..];
            bool known = true;
            long count = 0;
            TimeSpan time = default;
            bool read = name switch
            {
                "memory" or "stack" or "response" => TryParseBytes(value, out count),
                "cpu" or "wall" => TryParseTime(value, out time),
                "tables" or "files" => TryParseCount(value, out count),
                _ => known = false,
            };
            if (!read)
            {
                error = known
                    ? $"--limit {GuestText.Quote(part)}: expected a positive value such as {Example(name)}"
                    : $"--limit {GuestText.Quote(part)}: expected one of memory, cpu, wall, stack, tables, files, response";
                return false;
            }

            result = name switch
            {
                "memory" => result with { MemoryBytes = count },
                "stack" => result with { StackBytes = count },
                "response" => result with { ResponseBytes = count },
                "cpu" => result with { CpuTime = time },
                "wall" => result with { WallTime = time },
                "tables" => result with { TableElements = count },
                _ => result with { OpenFiles = count },
            };
        }

        limits = result;
        error = null;
        return true;
    }

    /// <summary>Reads a size such as <c>64MiB</c>, <c>64M</c> or <c>65536</c>; K, M and G are powers of 1024.</summary>
    /// <param name="text">The size.</param>
    /// <param name="bytes">Bytes, more than zero, when the result is true.</param>
    public static bool TryParseBytes(string text, out long bytes)
    {
        ArgumentNullException.ThrowIfNull(text);
        string unit = text.TrimStart("0123456789".ToCharArray());
        long scale = unit switch
        {
            "" or "B" => 1,
            "K" or "KiB" or "KB" or "k" => 1L << 10,
            "M" or "MiB" or "MB" or "m" => 1L << 20,
            "G" or "GiB" or "GB" or "g" => 1L << 30,
            _ => 0,
        };
        return Scale(text[..^unit.Length], scale, out bytes);
    }

    /// <summary>Reads a time such as <c>50ms</c>, <c>2s</c> or <c>2</c> (seconds).</summary>
    /// <param name="text">The time.</param>
    /// <param name="time">The time, more than zero, when the result is true.</param>
    public static bool TryParseTime(string text, out TimeSpan time)
    {
        ArgumentNullException.ThrowIfNull(text);
        string unit = text.TrimStart("0123456789".ToCharArray());
        long ticks = unit switch
        {
            "us" => TimeSpan.TicksPerMicrosecond,
            "ms" => TimeSpan.TicksPerMillisecond,
            "" or "s" => TimeSpan.TicksPerSecond,
            "m" or "min" => TimeSpan.TicksPerMinute,
            "h" => TimeSpan.TicksPerHour,
            _ => 0,
        };
        bool read = Scale(text[..^unit.Length], ticks, out long total);
        time = TimeSpan.FromTicks(total);
        return read;
    }

    private static bool TryParseCount(string text, out long count) => Scale(text, 1, out count);

    private static bool Scale(string digits, long scale, out long value)
    {
        value = 0;
        if (scale == 0 || !long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            || number <= 0 || number > long.MaxValue / scale)
        {
            return false;
        }

        value = number * scale;
        return true;
    }

    private static string Example(string name) => name switch
    {
        "memory" => "memory=64MiB",
        "stack" => "stack=1MiB",
        "response" => "response=10MiB",
        "cpu" => "cpu=50ms",
        "wall" => "wall=2s",
        "tables" => "tables=10000",
        _ => "files=64",
    };
}
