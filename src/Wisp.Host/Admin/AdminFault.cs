using Wisp.Host.Deployments;

namespace Wisp.Host.Admin;

/// <summary>A request to the API cannot be answered as it was meant.</summary>
/// <param name="status">Status of the answer.</param>
/// <param name="code">A word for programs.</param>
/// <param name="message">Why, for people.</param>
internal sealed class AdminFault(int status, string code, string message) : Exception(message)
{
    public int Status { get; } = status;

    public string Code { get; } = code;

    /// <summary>Seconds after which to try again, or null.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>The scope that is missing, or null.</summary>
    public AdminScope? Needs { get; init; }

    public static AdminFault BadRequest(string code, string message) => new(400, code, message);

    /// <summary>The status that says what a refused change says.</summary>
    public static int StatusOf(DeployException refused) => refused.Code switch
    {
        _ when refused.Code.StartsWith("no-such-", StringComparison.Ordinal) => 404,
        "permissions-not-accepted" or "host-taken" => 409,
        "bundle-too-large" => 413,
        "digest-mismatch" or "bad-name" or "bad-value" or "bad-traffic" => 400,
        "stopping" => 503,
        "server-failed" or "damaged" => 500,
        _ => 422,
    };
}
