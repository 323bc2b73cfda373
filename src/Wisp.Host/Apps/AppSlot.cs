namespace Wisp.Host.Apps;

/// <summary>Holds the app that answers now. A server of many apps has a slot for each.</summary>
internal sealed class AppSlot(App app)
{
    private readonly Lock _lock = new();
    private App _current = app;

    /// <summary>The current app, with a use that the caller must release.</summary>
    public App Take()
    {
        lock (_lock)
        {
            _current.AddUse();
            return _current;
        }
    }

    /// <summary>Puts another app in its place: requests from now on go there, those that run end where they began.</summary>
    public void Swap(App next)
    {
        App previous;
        lock (_lock)
        {
            previous = _current;
            _current = next;
        }

        previous.ReleaseUse();
    }

    /// <summary>Gives the current app up; nothing may be taken afterwards.</summary>
    public void Release() => _current.ReleaseUse();
}
