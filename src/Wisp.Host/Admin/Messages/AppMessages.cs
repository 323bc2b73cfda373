namespace Wisp.Host.Admin.Messages;

/// <summary>What a server says of itself.</summary>
/// <param name="Version">Version of wisp.</param>
/// <param name="StartedAt">When it started.</param>
/// <param name="UptimeSeconds">How long ago that is.</param>
/// <param name="Apps">How many apps it has.</param>
/// <param name="MemoryBytes">Its resident memory.</param>
/// <param name="Domain">The domain under which apps answer at their names.</param>
/// <param name="Addresses">Where they answer, as URLs.</param>
internal sealed record ServerMessage(
    string Version, DateTimeOffset StartedAt, double UptimeSeconds, int Apps, long MemoryBytes, string Domain, IReadOnlyList<string> Addresses)
{
    public double? RequestsPerSecond { get; init; }

    /// <summary>The token that asks, so that a client knows what it may do.</summary>
    public AskerMessage? Token { get; init; }
}

/// <summary>Who asks.</summary>
/// <param name="Name">Name of the token.</param>
/// <param name="Scope">read, deploy or admin.</param>
internal sealed record AskerMessage(string Name, string Scope);

/// <summary>How much of an app's requests a version gets, in percent.</summary>
internal sealed record TrafficMessage(int Version, int Weight);

/// <summary>An app in the list of all.</summary>
internal sealed record AppMessage(
    string Name, int Latest, DateTimeOffset CreatedAt, IReadOnlyList<TrafficMessage> Traffic, IReadOnlyList<string> Hosts);

/// <summary>An app and what the version is made of that gets most of its requests.</summary>
internal sealed record AppDetailMessage(
    string Name, int Latest, DateTimeOffset CreatedAt, IReadOnlyList<TrafficMessage> Traffic, IReadOnlyList<string> Hosts)
{
    /// <summary>The version that the rest is about.</summary>
    public int Version { get; init; }

    public IReadOnlyList<RouteMessage> Routes { get; init; } = [];

    public IReadOnlyList<CronMessage> Cron { get; init; } = [];

    public IReadOnlyList<ComponentMessage> Components { get; init; } = [];

    public IReadOnlyList<VariableMessage> Variables { get; init; } = [];
}

/// <summary>A route; either a component or a status of its own.</summary>
internal sealed record RouteMessage(string Route, IReadOnlyList<string> Methods, string? Component, int? Status);

/// <summary>A cron trigger.</summary>
internal sealed record CronMessage(string Schedule, string Component);

/// <summary>A component.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Source">Its module, within the app's folder.</param>
/// <param name="Permissions">What it is granted, as lines of a manifest.</param>
/// <param name="Limits">What it may use, by the manifest's keys.</param>
internal sealed record ComponentMessage(
    string Name, string Source, IReadOnlyList<string> Permissions, IReadOnlyDictionary<string, string> Limits);

/// <summary>A variable; its value is not told.</summary>
internal sealed record VariableMessage(string Name, bool Required, bool Secret);

/// <summary>A version in the list of an app's versions.</summary>
/// <param name="Version">Its number.</param>
/// <param name="Label">The manifest's <c>version</c>, or null.</param>
/// <param name="Digest">SHA-256 of its bundle, in hex.</param>
/// <param name="CreatedAt">When it was deployed.</param>
/// <param name="By">Name of the token that deployed it.</param>
/// <param name="Weight">Percent of the requests that it gets.</param>
internal sealed record VersionMessage(int Version, string? Label, string Digest, DateTimeOffset CreatedAt, string By, int Weight);
