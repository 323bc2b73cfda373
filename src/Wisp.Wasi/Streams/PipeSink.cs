using System.IO.Pipelines;

namespace Wisp.Wasi;

internal sealed class PipeSink(PipeWriter writer) : ByteSink
{
    private const int MaxChunkBytes = 64 * 1024;

    private Task<FlushResult>? _flush;   // set while the reader is behind

    public override bool IsReady => _flush is null || _flush.IsCompleted;

    public override bool TryWrite(ReadOnlySpan<byte> bytes, out int count)
    {
        count = 0;
        if (_flush is not null)
        {
            if (!_flush.IsCompleted)
            {
                return false;
            }

            CheckReader(_flush.GetAwaiter().GetResult());
            _flush = null;
        }

        count = Math.Min(bytes.Length, MaxChunkBytes);
        bytes[..count].CopyTo(writer.GetSpan(count));
        writer.Advance(count);
        ValueTask<FlushResult> flush = writer.FlushAsync();
        if (flush.IsCompleted)
        {
            CheckReader(flush.GetAwaiter().GetResult());
        }
        else
        {
            _flush = flush.AsTask();
        }

        return true;
    }

    public override async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        if (_flush is not null)
        {
            await _flush.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static void CheckReader(FlushResult result)
    {
        if (result.IsCompleted)
        {
            throw new IOException("nobody reads the output any more");
        }
    }
}
