using Cronos;
using Wisp.Permissions;

namespace Wisp.Host.Cron;

/// <summary>When a cron trigger's component runs.</summary>
internal sealed class CronSchedule
{
    private const int MaxLength = 200;

    private readonly CronExpression _expression;
    private readonly TimeZoneInfo _zone;

    private CronSchedule(string text, CronExpression expression, TimeZoneInfo zone)
    {
        Text = text;
        _expression = expression;
        _zone = zone;
    }

    /// <summary>As it stands in the manifest.</summary>
    public string Text { get; }

    /// <summary>Reads a schedule that <see cref="FaultOf"/> finds no fault with.</summary>
    public static CronSchedule Parse(string text, TimeZoneInfo zone) => new(text, CronExpression.Parse(text, FormatOf(text)), zone);

    /// <summary>Why a text is no schedule, or null when it is one.</summary>
    public static string? FaultOf(string text)
    {
        if (text.Length > MaxLength)
        {
            return $"a schedule has at most {MaxLength} characters";
        }

        try
        {
            // The 30th of February is a date like any other to the grammar.
            return CronExpression.Parse(text, FormatOf(text)).GetNextOccurrence(DateTimeOffset.UnixEpoch, TimeZoneInfo.Utc) is null
                ? $"{GuestText.Quote(text)} never comes"
                : null;
        }
        catch (Exception exception) when (exception is CronFormatException or MissingSeedException)
        {
            string reason = exception is CronFormatException ? exception.Message.Replace("The given cron expression has an invalid format. ", "", StringComparison.Ordinal)
                : "H is not supported";
            return $"{GuestText.Quote(text)} is no schedule such as \"*/5 * * * *\": {reason.TrimEnd('.')}";
        }
    }

    /// <summary>The first tick after a time, or null when there is none.</summary>
    public DateTimeOffset? Next(DateTimeOffset after) => _expression.GetNextOccurrence(after, _zone);

    /// <summary>The last tick up to a time.</summary>
    public DateTimeOffset? Latest(DateTimeOffset until) => _expression.GetPreviousOccurrence(until, _zone, inclusive: true);

    private static CronFormat FormatOf(string text) =>
        text.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries).Length == 6 ? CronFormat.IncludeSeconds : CronFormat.Standard;
}
