namespace Wisp.Host.Deployments;

/// <summary>The apps of a server and every way to change them. Thread safe.</summary>
/// <remarks>A change that returned is on the disk and survives a crash; one that throws left everything as it was.
/// Each takes the name of the token that asks, which the audit log keeps. Each throws <see cref="DeployException"/>
/// when it is refused, with the code <c>no-such-app</c>, <c>no-such-version</c> and so on.</remarks>
internal interface IDeployments
{
    IReadOnlyList<AppStatus> List();

    AppStatus Find(string app);

    /// <summary>The app's versions, the newest first.</summary>
    IReadOnlyList<VersionStatus> Versions(string app);

    /// <summary>A version with its manifest; variables are left empty.</summary>
    DeployedVersion Describe(string app, int version);

    /// <summary>Takes a version, makes it ready, asks its health, and gives it traffic.</summary>
    Task<AppStatus> DeployAsync(DeployRequest request, IProgress<DeployStep> progress, CancellationToken cancellationToken);

    Task SetTrafficAsync(string app, IReadOnlyList<TrafficShare> shares, string by);

    /// <summary>Gives all traffic to a version that was there before.</summary>
    /// <param name="app">The app.</param>
    /// <param name="version">Which; null for the one that answered before the present one.</param>
    /// <param name="by">Who asks.</param>
    Task<AppStatus> RollbackAsync(string app, int? version, string by);

    Task DeleteAsync(string app, string by);

    IReadOnlyList<SecretStatus> Secrets(string app);

    /// <summary>Sets a secret; versions that run see it from their next request on.</summary>
    Task SetSecretAsync(string app, string name, string value, string by);

    Task DeleteSecretAsync(string app, string name, string by);
}
