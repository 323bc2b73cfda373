namespace Wisp.Host.Telemetry;

/// <summary>How an invocation came out, in few enough words that each can be a series of its own.</summary>
internal static class StatusClass
{
    private const int FailedIndex = 7;

    private static readonly string[] Names = ["other", "1xx", "2xx", "3xx", "4xx", "5xx", "ok", "failed", "499"];

    public static int Count => Names.Length;

    public static string NameOf(int index) => Names[index];

    /// <summary>2xx and so on for requests, 499 for those whose client went away; ok and failed for cron.</summary>
    public static int IndexOf(InvocationRecord record)
    {
        if (record.Trigger == InvocationOrigin.Cron)
        {
            return record.IsFailed ? FailedIndex : FailedIndex - 1;
        }

        return record.Status switch
        {
            PlainAnswer.ClientClosedRequest => FailedIndex + 1,
            >= 100 and < 600 => record.Status / 100,
            _ => 0,
        };
    }
}
