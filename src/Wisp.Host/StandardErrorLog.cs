using Wisp.Wasi;

namespace Wisp.Host;

/// <summary>The standard error of a request: whole lines go to the log, as many as a request may have.</summary>
internal sealed class StandardErrorLog(RequestLog log, long request) : ByteSink
{
    private const int MaxLineBytes = 4096;
    private const int MaxLines = 200;

    private readonly List<byte> _line = [];
    private int _lines;

    public override bool IsReady => true;

    public override bool TryWrite(ReadOnlySpan<byte> bytes, out int count)
    {
        count = bytes.Length;
        foreach (byte next in bytes)
        {
            if (next == '\n')
            {
                Flush();
            }
            else if (_line.Count < MaxLineBytes && _lines < MaxLines)
            {
                _line.Add(next);
            }
        }

        return true;
    }

    public override ValueTask WaitAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Logs a last line that has no end.</summary>
    public void Finish()
    {
        if (_line.Count > 0)
        {
            Flush();
        }
    }

    private void Flush()
    {
        if (_lines < MaxLines)
        {
            log.StandardError(request, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_line));
        }
        else if (_lines == MaxLines)
        {
            log.Note(request, $"stderr: more than {MaxLines} lines; the rest is dropped");
        }

        _lines = Math.Min(_lines + 1, MaxLines + 1);
        _line.Clear();
    }
}
