using System.Buffers;
using System.IO.Pipelines;

namespace Wisp.Wasi;

internal sealed class PipeSource(PipeReader reader) : ByteSource
{
    private bool _ended;

    public override bool IsReady
    {
        get
        {
            if (_ended || !reader.TryRead(out ReadResult result))
            {
                return _ended;
            }

            bool ready = result.IsCompleted || !result.Buffer.IsEmpty;
            reader.AdvanceTo(result.Buffer.Start, ready ? result.Buffer.Start : result.Buffer.End);
            return ready;
        }
    }

    public override bool TryRead(Span<byte> buffer, out int count)
    {
        count = 0;
        if (_ended || buffer.IsEmpty)
        {
            return true;
        }

        if (!reader.TryRead(out ReadResult result))
        {
            return false;
        }

        ReadOnlySequence<byte> bytes = result.Buffer.Slice(0, Math.Min(buffer.Length, result.Buffer.Length));
        bytes.CopyTo(buffer);
        count = (int)bytes.Length;
        reader.AdvanceTo(bytes.End);
        _ended = count == 0 && result.IsCompleted;
        return count > 0 || _ended;
    }

    public override async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        ReadResult result = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        reader.AdvanceTo(result.Buffer.Start);   // nothing examined, so the next TryRead sees it
    }
}
