namespace Wisp.Wasi;

internal sealed class MemorySource(ReadOnlyMemory<byte> bytes) : ByteSource
{
    private ReadOnlyMemory<byte> _rest = bytes;

    public override bool IsReady => true;

    public override bool TryRead(Span<byte> buffer, out int count)
    {
        count = Math.Min(buffer.Length, _rest.Length);
        _rest.Span[..count].CopyTo(buffer);
        if (count > 0)
        {
            _rest = _rest[count..];
        }

        return true;
    }

    public override ValueTask WaitAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;
}
