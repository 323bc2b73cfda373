using Wisp.Host.Deployments;
using Wisp.Host.Telemetry;

namespace Wisp.Host.Admin;

/// <summary>What the API gives access to.</summary>
/// <param name="Deployments">The apps.</param>
/// <param name="Tokens">Who may ask.</param>
/// <param name="Audit">Who did what.</param>
internal sealed record AdminServices(IDeployments Deployments, ITokenStore Tokens, IAuditLog Audit)
{
    /// <summary>What the apps do; null when nobody keeps it.</summary>
    public HostTelemetry? Telemetry { get; init; }

    /// <summary>The domain under which apps answer at their names.</summary>
    public string Domain { get; init; } = "localhost";

    /// <summary>Where apps answer, as URLs.</summary>
    public Func<IReadOnlyCollection<string>> Addresses { get; init; } = () => [];

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Takes a line about a failure of our own.</summary>
    public Action<string> Failed { get; init; } = _ => { };

    /// <summary>The hosts at which an app answers: those that it asked for, else its name under the domain.</summary>
    public IReadOnlyList<string> HostsOf(AppStatus app) => app.Hosts.Count > 0 ? app.Hosts : [$"{app.Name}.{Domain}"];

    /// <summary>Where to see an app with a browser: its hosts, without those that stand for many.</summary>
    public IEnumerable<string> UrlsOf(AppStatus app) =>
        from address in Addresses()
        from host in HostsOf(app)
        where !host.Contains('*', StringComparison.Ordinal)
        select new UriBuilder(address) { Host = host }.Uri.AbsoluteUri;
}
