using System.Security.Cryptography;
using Wisp.Host.Deployments;
using Wisp.Host.Manifests;

namespace Wisp.Host.Tests.Admin;

/// <summary>Apps in memory: what they were asked for, by whom.</summary>
internal sealed class FakeDeployments : IDeployments
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<VersionStatus>> _versions = [];
    private readonly Dictionary<string, TrafficShare[]> _traffic = [];
    private readonly Dictionary<string, string> _secrets = [];

    /// <summary>What was changed, a line each.</summary>
    public List<string> Changes { get; } = [];

    /// <summary>The secrets' values by "app/name".</summary>
    public IReadOnlyDictionary<string, string> SecretValues => _secrets;

    /// <summary>Refuses the next deploys, or null.</summary>
    public DeployException? Refusal { get; set; }

    /// <summary>Whether a deploy was told to end.</summary>
    public bool HasGivenUp { get; private set; }

    /// <summary>What the manifest of each version says behind its head.</summary>
    public string Manifest { get; set; } = "[[trigger.http]]\nroute = \"/\"\nresponse.status = 204\n";

    public FakeDeployments With(string app, int versions = 2)
    {
        _versions[app] = [.. Enumerable.Range(1, versions).Reverse().Select(Version)];
        _traffic[app] = [new TrafficShare(versions, 100)];
        return this;
    }

    public IReadOnlyList<AppStatus> List() => [.. _versions.Keys.Order().Select(Find)];

    public AppStatus Find(string app) => new(
        app, VersionsOf(app)[0].Number, DateTimeOffset.UnixEpoch, _traffic[app], []);

    public IReadOnlyList<VersionStatus> Versions(string app) => VersionsOf(app);

    public DeployedVersion Describe(string app, int version) =>
        new(app, version, AppManifestReader.ReadText($"[application]\nname = \"{app}\"\n{Manifest}", "/apps"));

    public async Task<AppStatus> DeployAsync(DeployRequest request, IProgress<DeployStep> progress, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        using CancellationTokenRegistration givesUp = cancellationToken.Register(() => HasGivenUp = true);
        await request.Bundle.CopyToAsync(body, cancellationToken);
        progress.Report(new DeployStep("upload", null, body.Length, body.Length));
        if (!SHA256.HashData(body.ToArray()).AsSpan().SequenceEqual(request.Digest.Span))
        {
            throw new DeployException("digest-mismatch", "the bundle is not what its digest says");
        }

        progress.Report(new DeployStep("verify", null, 1, 1));
        if (Refusal is not null && !request.AcceptsPermissions)
        {
            throw Refusal;
        }

        lock (_lock)
        {
            Changes.Add($"deploy {request.App} {body.Length} canary={request.Canary} by {request.By}");
            List<VersionStatus> versions = _versions.TryGetValue(request.App, out List<VersionStatus>? known) ? known : _versions[request.App] = [];
            int number = versions.Count + 1;
            versions.Insert(0, Version(number));
            _traffic[request.App] = request.Canary is int canary
                ? [new TrafficShare(number - 1, 100 - canary), new TrafficShare(number, canary)] : [new TrafficShare(number, 100)];
        }

        return Find(request.App);
    }

    public Task SetTrafficAsync(string app, IReadOnlyList<TrafficShare> shares, string by)
    {
        VersionsOf(app);
        _traffic[app] = [.. shares];
        Changes.Add($"traffic {app} {string.Join(' ', shares.Select(share => $"v{share.Version}={share.Weight}"))} by {by}");
        return Task.CompletedTask;
    }

    public Task<AppStatus> RollbackAsync(string app, int? version, string by)
    {
        int target = version ?? VersionsOf(app)[0].Number - 1;
        _traffic[app] = VersionsOf(app).Any(known => known.Number == target)
            ? [new TrafficShare(target, 100)] : throw new DeployException("no-such-version", $"{app} has no v{target}");
        Changes.Add($"rollback {app} v{target} by {by}");
        return Task.FromResult(Find(app));
    }

    public Task DeleteAsync(string app, string by)
    {
        VersionsOf(app);
        _versions.Remove(app);
        Changes.Add($"delete {app} by {by}");
        return Task.CompletedTask;
    }

    public IReadOnlyList<SecretStatus> Secrets(string app)
    {
        VersionsOf(app);
        return [.. _secrets.Keys.Where(key => key.StartsWith($"{app}/", StringComparison.Ordinal))
            .Select(key => new SecretStatus(key[(app.Length + 1)..], DateTimeOffset.UnixEpoch))];
    }

    public Task SetSecretAsync(string app, string name, string value, string by)
    {
        VersionsOf(app);
        _secrets[$"{app}/{name}"] = value;
        Changes.Add($"secret {app} {name} by {by}");
        return Task.CompletedTask;
    }

    public Task DeleteSecretAsync(string app, string name, string by)
    {
        VersionsOf(app);
        Changes.Add($"secret.delete {app} {name} by {by}");
        return _secrets.Remove($"{app}/{name}") ? Task.CompletedTask : throw new DeployException("no-such-secret", $"{app} has no secret {name}");
    }

    private List<VersionStatus> VersionsOf(string app) =>
        _versions.TryGetValue(app, out List<VersionStatus>? versions) ? versions : throw new DeployException("no-such-app", $"there is no app {app}");

    private static VersionStatus Version(int number) => new(number, $"{number}.0", new string('a', 64), DateTimeOffset.UnixEpoch, "somebody");
}
