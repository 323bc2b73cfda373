using Wisp.Host.Cron;
using Wisp.Host.Routing;
using Wisp.Permissions;

namespace Wisp.Host.Manifests;

/// <summary>An app as its manifest describes it: checked, nothing loaded, no variable filled in.</summary>
/// <param name="Folder">Full path of the app's folder.</param>
/// <param name="Name">The app's name.</param>
/// <param name="Version">Its version, or null.</param>
internal sealed record AppManifest(string Folder, string Name, string? Version)
{
    /// <summary>Host names at which a server of many apps answers for it; none for its name under the server's domain.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>Path and query that must answer below 500 before a version is sent requests, or null.</summary>
    public string? Health { get; init; }

    public IReadOnlyList<VariableDeclaration> Variables { get; init; } = [];

    public IReadOnlyList<HttpTrigger> Http { get; init; } = [];

    public IReadOnlyList<CronTrigger> Cron { get; init; } = [];

    public IReadOnlyList<ComponentManifest> Components { get; init; } = [];

    /// <summary>What a foreign manifest asks for and does not get, a line each.</summary>
    public IReadOnlyList<string> LeftOut { get; init; } = [];
}

/// <summary>A value that is given where the app runs.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Default">Its value when none is given, or null.</param>
/// <param name="IsRequired">Whether one must be given.</param>
/// <param name="IsSecret">Whether it must not be shown.</param>
internal sealed record VariableDeclaration(string Name, string? Default, bool IsRequired, bool IsSecret);

/// <summary>Requests that a component or an answer of the host's takes; exactly one of the two is there.</summary>
/// <param name="Route">Paths.</param>
/// <param name="Methods">Methods; none means all.</param>
/// <param name="Component">Name of the component, or null.</param>
/// <param name="Response">The answer, or null.</param>
internal sealed record HttpTrigger(
    RoutePattern Route, IReadOnlyList<string> Methods, string? Component, StaticResponse? Response);

/// <summary>An answer that needs no component.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Headers">Its headers.</param>
/// <param name="Body">Its body, unless it is a file.</param>
/// <param name="File">The file in the app's folder that is the body, or null.</param>
internal sealed record StaticResponse(
    int Status, IReadOnlyList<KeyValuePair<string, string>> Headers, string Body, string? File);

/// <summary>Times at which a component runs.</summary>
internal sealed record CronTrigger(CronSchedule Schedule, string Component);

/// <summary>One program of an app.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Source">Full path of its module.</param>
internal sealed record ComponentManifest(string Name, string Source)
{
    /// <summary>Its arguments; may hold variables of the app.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>The command that makes the source, or null.</summary>
    public string? BuildCommand { get; init; }

    /// <summary>Where the command runs.</summary>
    public string BuildFolder { get; init; } = string.Empty;

    /// <summary>What it is built again for; none means every file of the folder.</summary>
    public IReadOnlyList<string> Watch { get; init; } = [];

    /// <summary>What it is granted; values of environment variables may hold variables of the app.</summary>
    public Grant Grant { get; init; } = Grant.None;

    /// <summary>Whether its instances begin behind its start-up.</summary>
    public bool HasSnapshot { get; init; }

    /// <summary>What it asks of the machine, as the manifest has it: directories with the paths that stand there, <c>files</c> left out.</summary>
    public Grant Asked { get; init; } = Grant.None;

    /// <summary>What it reads of the app's folder: paths in it, as they stand under <c>files</c>.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>How its instances live.</summary>
    public InstanceRules Instances { get; init; } = new();

    /// <summary>Whether it gets WAGI's variables besides CGI's.</summary>
    public bool HasWagiVariables { get; init; }

    public long? RequestBytes { get; init; }

    public int? Concurrency { get; init; }

    public int? Queue { get; init; }
}
