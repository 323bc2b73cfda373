namespace Wisp.Host.Manifests;

/// <summary>One thing that is wrong with a manifest.</summary>
/// <param name="File">The file as the user named it.</param>
/// <param name="Position">Where.</param>
/// <param name="Message">What, and what would be right.</param>
internal sealed record ManifestFault(string File, TomlPosition Position, string Message)
{
    public override string ToString() => $"{File}:{Position.Line}:{Position.Column}: {Message}";
}

/// <summary>A manifest cannot be used; says everything that is wrong with it, in the order of the file.</summary>
internal sealed class ManifestException(IReadOnlyList<ManifestFault> faults)
    : Exception(string.Join('\n', faults))
{
    public IReadOnlyList<ManifestFault> Faults { get; } = faults;
}
