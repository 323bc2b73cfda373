using System.Collections.Concurrent;
using System.Text;
using Wisp.Host.Telemetry;

namespace Wisp.Host.Tests.Telemetry;

/// <summary>Keeps all that a sink is told.</summary>
internal sealed class InvocationCollector : IInvocationSink
{
    public ConcurrentQueue<InvocationRecord> Records { get; } = new();

    public ConcurrentQueue<string> Lines { get; } = new();

    public void Completed(InvocationRecord record) => Records.Enqueue(record);

    public void GuestLine(in InvocationId invocation, string stream, ReadOnlySpan<byte> line) =>
        Lines.Enqueue($"{invocation.Origin.App} #{invocation.Number} {stream}: {Encoding.UTF8.GetString(line)}");

    public void Note(in InvocationId invocation, string text) =>
        Lines.Enqueue($"{invocation.Origin.App} #{invocation.Number} {text}");

    public void Event(InvocationOrigin origin, string text) => Lines.Enqueue($"{origin.App} {text}");

    public void Flush()
    {
    }

    /// <summary>Waits for a record: a client may have its answer before there is one.</summary>
    public async Task<InvocationRecord> RecordAsync(Func<InvocationRecord, bool> condition)
    {
        while (true)
        {
            if (Records.FirstOrDefault(condition) is { } found)
            {
                return found;
            }

            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }
}
