using Wisp.Host.Invocations;
using Wisp.Host.Manifests;
using Wisp.Permissions;

namespace Wisp.Host.Snapshots;

/// <summary>A program whose start-up is to be done once.</summary>
/// <param name="Grant">What it will be granted; start-up gets next to nothing of it.</param>
/// <param name="Arguments">Its arguments; the first is its name.</param>
/// <param name="Limits">What its instances may use.</param>
internal sealed record SnapshotRequest(Grant Grant, IReadOnlyList<string> Arguments, StoreLimits Limits)
{
    /// <summary>Whether a secret is among its arguments, so that start-up must not see them.</summary>
    public bool HasSecretArguments { get; init; }

    /// <summary>The path that is asked for with and without the snapshot.</summary>
    public string ProbePath { get; init; } = "/";

    /// <summary>All that start-up sees besides the program itself: with another key, its snapshot is another.</summary>
    public string Key => string.Join('\0', (IEnumerable<string>)
    [
        Grant.Clock.Flag,
        Grant.Random.Flag,
        $"{Limits.MaxMemoryBytes} {Limits.MaxTableElements} {Limits.StackBytes}",
        $"{Grant.Directories.Length}",
        .. Grant.Directories.Select(directory => directory.GuestPath),
        .. HasSecretArguments ? [] : Arguments,
    ]);

    /// <summary>Describes a component of an app.</summary>
    /// <param name="app">The app.</param>
    /// <param name="component">The component.</param>
    /// <param name="variables">Values of the app's variables. Secrets may be left out, unless arguments name them.</param>
    /// <param name="secrets">Variables that are secret whatever the manifest calls them, or null.</param>
    public static SnapshotRequest Of(
        AppManifest app, ComponentManifest component, IReadOnlyDictionary<string, string> variables, IReadOnlyCollection<string>? secrets = null)
    {
        bool hasSecret = false;
        string Argument(string text) => VariableText.Expand(text, name =>
        {
            hasSecret |= secrets?.Contains(name) == true || app.Variables.Any(variable => variable.Name == name && variable.IsSecret);
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
        return new SnapshotRequest(grant, arguments, ComponentLimits.Bounded(grant.Limits))
        {
            HasSecretArguments = hasSecret,
            ProbePath = app.Health ?? "/",
        };
    }
}
