using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Wisp.Host.Telemetry;
using Wisp.Wasi;

namespace Wisp.Host.Invocations;

/// <summary>A standard stream that goes to the log: whole lines, as many as an invocation may have.</summary>
/// <param name="log">The log.</param>
/// <param name="invocation">The invocation.</param>
/// <param name="stream">The stream's name: stdout or stderr.</param>
internal sealed class LineLog(IInvocationSink log, InvocationId invocation, string stream) : ByteSink
{
    private const int MaxLineBytes = 4096;
    private const int MaxLines = 200;

    private readonly List<byte> _line = [];
    private long _cut;   // bytes of the line that were left out
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
            else
            {
                _cut++;
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
            if (_cut > 0)
            {
                _line.AddRange(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"… ({_cut} more bytes)")));
            }

            log.GuestLine(in invocation, stream, CollectionsMarshal.AsSpan(_line));
        }
        else if (_lines == MaxLines)
        {
            log.Note(in invocation, $"{stream}: more than {MaxLines} lines; the rest is dropped");
        }

        _lines = Math.Min(_lines + 1, MaxLines + 1);
        _line.Clear();
        _cut = 0;
    }
}
