using Wisp.Wasi;

namespace Wisp.Host.Snapshots;

/// <summary>Keeps what a program writes, up to a length that is enough to compare.</summary>
/// <param name="full">Called once, when there is more.</param>
internal sealed class ProbeOutput(Action full) : ByteSink
{
    private const int MaxBytes = 4 << 20;

    private readonly List<byte> _bytes = [];

    /// <summary>Whether there was more.</summary>
    public bool IsFull { get; private set; }

    public override bool IsReady => true;

    public byte[] ToArray() => [.. _bytes];

    public override bool TryWrite(ReadOnlySpan<byte> bytes, out int count)
    {
        count = bytes.Length;
        _bytes.AddRange(bytes[..Math.Min(bytes.Length, MaxBytes - _bytes.Count)]);
        if (_bytes.Count == MaxBytes && !IsFull)
        {
            IsFull = true;
            full();
        }

        return true;
    }

    public override ValueTask WaitAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;
}
