using Wisp.Host.Manifests;

namespace Wisp.Host.Deployments;

/// <summary>A version of an app as a server keeps it: checked, compiled, its files in place, never changed afterwards.</summary>
/// <param name="App">The app's name, one on the server.</param>
/// <param name="Number">Its number: 1 for the app's first version; numbers are never used again.</param>
/// <param name="Manifest">What it is made of; its folder is that of the version.</param>
internal sealed record DeployedVersion(string App, int Number, AppManifest Manifest)
{
    /// <summary>Full path of the image of each component, by the component's name.</summary>
    public IReadOnlyDictionary<string, string> Images { get; init; } = new Dictionary<string, string>();

    /// <summary>Values of its variables. Secrets are among them, so this never leaves the process's memory.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();
}
