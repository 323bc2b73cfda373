using System.Runtime.CompilerServices;

namespace Wisp.Host.Logs;

/// <content>Reading: from the files alone, so a reader that is slow or far behind costs nobody anything.</content>
internal sealed partial class AppLog
{
    /// <summary>The lines that a query wants.</summary>
    public async IAsyncEnumerable<LogLine> ReadAsync(LogQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        WritePending();
        using var cursor = new LogCursor(Opened, query);
        cursor.Start();
        while (true)
        {
            Task written = _written.Task;   // taken before looking, so that nothing is slept through
            while (cursor.TryRead(out LogLine? line))
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return line;
            }

            if (!query.Follow || _isClosed)
            {
                yield break;
            }

            await written.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
