namespace Wisp.Host.Manifests;

/// <summary>Collects what is wrong with a file, so that all of it is said at once.</summary>
internal sealed class ManifestFaults(string file)
{
    // A file of another kind would otherwise fill the screen.
    private const int MaxShown = 50;

    private readonly List<ManifestFault> _faults = [];

    public string File => file;

    public bool Any => _faults.Count > 0;

    public void Add(TomlPosition position, string message) => _faults.Add(new ManifestFault(file, position, message));

    /// <summary>The name that a misspelled one was meant to be, or null. Looked for while there are few faults: it costs far more than
    /// what it is about.</summary>
    public string? HintFor(string name, IEnumerable<string> names) => _faults.Count < MaxShown ? NearestName.Of(name, names) : null;

    /// <exception cref="ManifestException">Something was added.</exception>
    public void ThrowIfAny()
    {
        if (_faults.Count > 0)
        {
            throw new ManifestException([.. _faults.Distinct().OrderBy(fault => fault.Position.Line)
                .ThenBy(fault => fault.Position.Column).Take(MaxShown)]);
        }
    }
}
