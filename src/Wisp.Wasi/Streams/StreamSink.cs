namespace Wisp.Wasi;

internal sealed class StreamSink(Stream stream) : ByteSink
{
    public override bool IsReady => true;

    public override bool TryWrite(ReadOnlySpan<byte> bytes, out int count)
    {
        stream.Write(bytes);
        count = bytes.Length;
        return true;
    }

    public override ValueTask WaitAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;
}

internal sealed class NullSink : ByteSink
{
    public override bool IsReady => true;

    public override bool TryWrite(ReadOnlySpan<byte> bytes, out int count)
    {
        count = bytes.Length;
        return true;
    }

    public override ValueTask WaitAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;
}
