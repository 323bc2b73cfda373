namespace Wisp.Host.Bundles;

/// <summary>What a bundle may have at most.</summary>
internal sealed record BundleLimits
{
    /// <summary>Bytes as sent.</summary>
    public long PackedBytes { get; init; } = 256L << 20;

    /// <summary>Bytes of its files together.</summary>
    public long UnpackedBytes { get; init; } = 1L << 30;

    /// <summary>Files and folders.</summary>
    public int Entries { get; init; } = 10_000;

    /// <summary>How many times as large as sent it may become, past <see cref="FreeBytes"/>. Programs pack to a third or a fifth.</summary>
    public int Ratio { get; init; } = 200;

    /// <summary>Unpacked bytes for which the ratio does not matter.</summary>
    public long FreeBytes { get; init; } = 16L << 20;
}
