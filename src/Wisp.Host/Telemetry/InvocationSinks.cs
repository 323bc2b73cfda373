namespace Wisp.Host.Telemetry;

/// <summary>Several sinks as one.</summary>
internal sealed class InvocationSinks(params IInvocationSink[] sinks) : IInvocationSink
{
    public void Completed(InvocationRecord record)
    {
        foreach (IInvocationSink sink in sinks)
        {
            sink.Completed(record);
        }
    }

    public void GuestLine(in InvocationId invocation, string stream, ReadOnlySpan<byte> line)
    {
        foreach (IInvocationSink sink in sinks)
        {
            sink.GuestLine(in invocation, stream, line);
        }
    }

    public void Note(in InvocationId invocation, string text)
    {
        foreach (IInvocationSink sink in sinks)
        {
            sink.Note(in invocation, text);
        }
    }

    public void Event(InvocationOrigin origin, string text)
    {
        foreach (IInvocationSink sink in sinks)
        {
            sink.Event(origin, text);
        }
    }

    public void Flush()
    {
        foreach (IInvocationSink sink in sinks)
        {
            sink.Flush();
        }
    }
}
