namespace Wisp.Host.Telemetry;

/// <summary>Takes what invocations leave behind. Called on the way of a request: returns at once, never throws. Thread safe.</summary>
internal interface IInvocationSink
{
    /// <summary>An invocation has ended.</summary>
    void Completed(InvocationRecord record);

    /// <summary>A line that the program wrote.</summary>
    /// <param name="invocation">The invocation.</param>
    /// <param name="stream"><c>stdout</c> or <c>stderr</c>.</param>
    /// <param name="line">UTF-8, as the program wrote it; valid during the call.</param>
    void GuestLine(in InvocationId invocation, string stream, ReadOnlySpan<byte> line)
    {
    }

    /// <summary>Something about an invocation, such as why it failed.</summary>
    /// <param name="invocation">The invocation.</param>
    /// <param name="text">Our own words; what a guest said in it is escaped already. More lines only for a backtrace.</param>
    void Note(in InvocationId invocation, string text)
    {
    }

    /// <summary>Something about no invocation, such as a skipped tick.</summary>
    /// <param name="origin">What it is about.</param>
    /// <param name="text">One line of our own words.</param>
    void Event(InvocationOrigin origin, string text)
    {
    }

    /// <summary>Returns once everything so far is where it is kept.</summary>
    void Flush()
    {
    }
}
