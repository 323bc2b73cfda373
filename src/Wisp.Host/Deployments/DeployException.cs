namespace Wisp.Host.Deployments;

/// <summary>A change to an app was refused; what was before still is.</summary>
/// <param name="code">A word for programs, such as <c>permissions-not-accepted</c>, <c>digest-mismatch</c>, <c>bad-manifest</c>, <c>no-such-app</c>.</param>
/// <param name="message">Why, for people; may have several lines.</param>
internal sealed class DeployException(string code, string message) : Exception(message)
{
    public string Code { get; } = code;

    /// <summary>For <c>permissions-not-accepted</c>: what differs.</summary>
    public PermissionDifference? Permissions { get; init; }
}
