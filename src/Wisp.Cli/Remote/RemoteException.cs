using Wisp.Host.Admin.Messages;

namespace Wisp.Cli.Remote;

/// <summary>A server refused what a command asked for.</summary>
/// <param name="status">Status of its answer; 0 when the refusal came within one.</param>
/// <param name="error">Why.</param>
internal sealed class RemoteException(int status, ErrorBody error) : Exception(error.Message)
{
    public const string PermissionsNotAccepted = "permissions-not-accepted";

    public int Status { get; } = status;

    public ErrorBody Error { get; } = error;
}
