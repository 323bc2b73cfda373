namespace Wisp.Host.Admin;

/// <summary>Who did what on a server. Thread safe.</summary>
internal interface IAuditLog
{
    void Add(AuditEntry entry);

    /// <summary>The newest entries, the newest first.</summary>
    /// <param name="limit">At most how many.</param>
    /// <param name="before">Only those with a smaller number; null for the newest.</param>
    IReadOnlyList<AuditEntry> Latest(int limit, long? before);
}

/// <summary>A line of the audit log.</summary>
/// <param name="Number">Counts entries; 0 for one that is not in the log yet.</param>
/// <param name="Time">When.</param>
/// <param name="By">Name of the token, or <c>-</c> for nobody.</param>
/// <param name="Action">What, such as <c>deploy</c> or <c>token.create</c>.</param>
/// <param name="App">To which app, or null.</param>
/// <param name="Detail">What else there is to say, or null.</param>
internal sealed record AuditEntry(long Number, DateTimeOffset Time, string By, string Action, string? App, string? Detail);
