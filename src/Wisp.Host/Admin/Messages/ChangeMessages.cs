namespace Wisp.Host.Admin.Messages;

/// <summary>An answer that is an error.</summary>
internal sealed record ErrorMessage(ErrorBody Error);

/// <summary>Why a request failed.</summary>
/// <param name="Code">A word for programs, such as <c>permissions-not-accepted</c>.</param>
/// <param name="Message">Why, for people; may have several lines.</param>
internal sealed record ErrorBody(string Code, string Message)
{
    /// <summary>For <c>permissions-not-accepted</c>: what differs.</summary>
    public PermissionsMessage? Permissions { get; init; }

    /// <summary>For <c>scope-missing</c>: the scope that it takes.</summary>
    public string? Scope { get; init; }
}

/// <summary>What a version asks for beside what was accepted before.</summary>
internal sealed record PermissionsMessage(IReadOnlyList<string> Added, IReadOnlyList<string> Removed);

/// <summary>A line of the answer to a deploy: a step, the result, or an error. The last line is one of the latter two.</summary>
internal sealed record DeployLine
{
    /// <summary>upload, verify, validate, compile, snapshot, probe or switch.</summary>
    public string? Step { get; init; }

    /// <summary>The component that the step is about.</summary>
    public string? Component { get; init; }

    /// <summary>How much is done: bytes of an upload, else components.</summary>
    public long? Done { get; init; }

    /// <summary>Of how much.</summary>
    public long? Total { get; init; }

    /// <summary>What came of the deploy.</summary>
    public DeployResult? Result { get; init; }

    /// <summary>Why there is no new version.</summary>
    public ErrorBody? Error { get; init; }
}

/// <summary>What came of a deploy.</summary>
/// <param name="App">The app.</param>
/// <param name="Version">Number of the new version.</param>
/// <param name="Traffic">Which versions answer now.</param>
/// <param name="Urls">Where it answers.</param>
internal sealed record DeployResult(string App, int Version, IReadOnlyList<TrafficMessage> Traffic, IReadOnlyList<string> Urls);

/// <summary>Asks to go back to a version.</summary>
/// <param name="Version">Which; null for the one before.</param>
internal sealed record RollbackMessage(int? Version = null);

/// <summary>The value of a secret.</summary>
internal sealed record SecretValueMessage(string Value);

/// <summary>A secret without its value.</summary>
internal sealed record SecretMessage(string Name, DateTimeOffset ChangedAt);

/// <summary>Asks for a token.</summary>
internal sealed record NewTokenMessage(string Name, string Scope);

/// <summary>A token; its text is only in the answer to the request that made it.</summary>
internal sealed record TokenMessage(string Name, string Scope, DateTimeOffset CreatedAt)
{
    public string? Token { get; init; }
}

/// <summary>A line of the audit log.</summary>
internal sealed record AuditMessage(long Number, DateTimeOffset Time, string By, string Action, string? App, string? Detail);
