using Wisp.Host.Admin;
using Wisp.Host.Deployments;
using Wisp.Host.Hosting;

namespace Wisp.Host.Server;

/// <summary>Settings of an <see cref="AppsServer"/>.</summary>
internal sealed record AppsServerOptions
{
    /// <summary>The folder that keeps everything; made when there is none.</summary>
    public required string DataFolder { get; init; }

    /// <summary>The file of the key that encrypts secrets; null for the one in the folder.</summary>
    public string? KeyPath { get; init; }

    /// <summary>How deploys are made.</summary>
    public DeploymentOptions Deployments { get; init; } = new();

    /// <summary>How code is made.</summary>
    public required EngineOptions Engine { get; init; }

    /// <summary>The apps' side.</summary>
    public FunctionHostOptions Host { get; init; } = new();

    /// <summary>The API's side.</summary>
    public AdminServerOptions Admin { get; init; } = new();
}
