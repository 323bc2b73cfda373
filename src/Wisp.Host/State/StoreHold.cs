namespace Wisp.Host.State;

/// <summary>Files of a store that a deploy under way needs, until its version names them or it is given up. Not thread safe.</summary>
internal sealed class StoreHold(HeldNames names) : IDisposable
{
    private readonly HashSet<string> _held = [];
    private readonly HashSet<string> _folders = [];

    public IReadOnlyCollection<string> Names => _held;

    public void Add(string name)
    {
        if (_held.Add(name))
        {
            names.Hold(name);
        }
    }

    /// <summary>Says that a name came into a folder.</summary>
    public void Changed(string folder) => _folders.Add(folder);

    /// <summary>Makes the names of all files durable. What is in them is already.</summary>
    public void Sync()
    {
        foreach (string folder in _folders)
        {
            DurableFile.SyncFolder(folder);
            DurableFile.SyncFolder(Path.GetDirectoryName(folder)!);
        }

        _folders.Clear();
    }

    /// <summary>Lets go; the names stay in <see cref="Names"/>.</summary>
    public void Dispose()
    {
        foreach (string name in _held)
        {
            names.Release(name);
        }
    }
}
