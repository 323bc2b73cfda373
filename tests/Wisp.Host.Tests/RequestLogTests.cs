using System.Text;
using Wisp.Host.Telemetry;

namespace Wisp.Host.Tests;

public sealed class RequestLogTests
{
    [Fact]
    public void Lines_that_cannot_be_written_are_lost_and_counted()
    {
        var writer = new FullWriter { Failure = new IOException("No space left on device") };
        var log = new RequestLog(writer);
        for (int i = 0; i < 3; i++)
        {
            log.Event(InvocationOrigin.None, "lost");
            log.Flush();
        }

        writer.Failure = null;
        log.Event(InvocationOrigin.None, "first");
        log.Flush();
        log.Event(InvocationOrigin.None, "second");
        log.Flush();

        string[] lines = writer.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["3 lines of this log are lost: No space left on device", "first", "second"], lines.Select(line => line[(line.IndexOf(' ') + 1)..]));
    }

    [Fact]
    public void Lines_after_the_writer_was_closed_harm_nobody()
    {
        var log = new RequestLog(new FullWriter { Failure = new ObjectDisposedException("writer") });

        log.Event(InvocationOrigin.None, new string('x', 2 << 20));   // more than waits: written at once

        log.Flush();
    }

    /// <summary>A writer into memory whose disk is full while there is a failure.</summary>
    private sealed class FullWriter : StringWriter
    {
        public Exception? Failure { get; set; }

        public override void Write(StringBuilder? value)
        {
            if (Failure is not null)
            {
                throw Failure;
            }

            base.Write(value);
        }
    }
}
