namespace Wisp.Host.State;

/// <summary>Names of files that somebody needs who is not in the database yet. Thread safe.</summary>
internal sealed class HeldNames
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _held = [];

    public void Hold(string name)
    {
        lock (_lock)
        {
            _held[name] = _held.GetValueOrDefault(name) + 1;
        }
    }

    public void Release(string name)
    {
        lock (_lock)
        {
            if (--_held[name] == 0)
            {
                _held.Remove(name);
            }
        }
    }

    /// <summary>Deletes a file unless its name is held, or named by a version. Who holds it from now on finds it gone, or whole.</summary>
    public bool Delete(string name, Func<string, bool> isNamed, string path)
    {
        lock (_lock)
        {
            if (_held.ContainsKey(name) || isNamed(name))
            {
                return false;
            }

            File.Delete(path);
            return true;
        }
    }
}
