using Wisp.Host.Invocations;
using Wisp.Host.Manifests;
using Wisp.Permissions;

namespace Wisp.Host.Snapshots;

/// <summary>A program whose start-up is to be done once.</summary>
/// <param name="Module">The program, not a snapshot yet. It stays the caller's.</param>
/// <param name="Grant">What it will be granted; start-up gets next to nothing of it.</param>
/// <param name="Arguments">Its arguments; the first is its name.</param>
/// <param name="Limits">What its instances may use.</param>
internal sealed record SnapshotRequest(Module Module, Grant Grant, IReadOnlyList<string> Arguments, StoreLimits Limits)
{
    /// <summary>Whether a secret is among its arguments, so that start-up must not see them.</summary>
    public bool HasSecretArguments { get; init; }

    /// <summary>The path that is asked for with and without the snapshot.</summary>
    public string ProbePath { get; init; } = "/";

    /// <summary>Describes a component of an app.</summary>
    /// <param name="app">The app.</param>
    /// <param name="component">The component.</param>
    /// <param name="module">Its program.</param>
    /// <param name="variables">Values of the app's variables. Secrets may be left out, unless arguments name them.</param>
    public static SnapshotRequest Of(
        AppManifest app, ComponentManifest component, Module module, IReadOnlyDictionary<string, string> variables)
    {
        bool hasSecret = false;
        string Argument(string text) => VariableText.Expand(text, name =>
        {
            hasSecret |= app.Variables.Any(variable => variable.Name == name && variable.IsSecret);
            return variables.GetValueOrDefault(name);
        }, out _);

        string[] arguments = [Path.GetFileName(component.Source), .. component.Arguments.Select(Argument)];
        Grant grant = component.Grant with
        {
            Environment = [.. component.Grant.Environment.Select(variable => variable with
            {
                Value = variable.Value is null ? null : VariableText.Expand(variable.Value, variables.GetValueOrDefault, out _),
            })],
        };
        StoreLimits limits = GrantedLimits.ToStoreLimits(grant.Limits) with
        {
            MaxMemoryBytes = grant.Limits.MemoryBytes ?? ComponentLimits.DefaultMemoryBytes,
        };
        return new SnapshotRequest(module, grant, arguments, limits) { HasSecretArguments = hasSecret };
    }
}
