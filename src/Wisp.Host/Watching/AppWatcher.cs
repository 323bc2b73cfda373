using System.Diagnostics;
using System.Globalization;
using Wisp.Host.Apps;
using Wisp.Host.Building;
using Wisp.Host.Manifests;

namespace Wisp.Host.Watching;

// The files are looked at again and again, not listened to: that works on every file system, and a few thousand stamps cost little.
// A change is taken up when a second look shows the same, so that a file that is being written is not read half.
//
// After a build the files are looked at anew: what a build writes beside its source does not start the next build. Where build.watch
// names the sources, an edit during the build is not lost either: the look from before the build holds.

/// <summary>What an <see cref="AppWatcher"/> does with an app that changes.</summary>
/// <param name="Manifest">Path of the manifest, or of the program that is the app.</param>
/// <param name="Read">Reads the manifest.</param>
/// <param name="Load">Loads the app.</param>
/// <param name="Swap">Puts it in the place of the one before.</param>
/// <param name="Failed">Told why an app could not be taken up; the one before goes on.</param>
/// <param name="Output">Takes what build commands print, and a line for each change.</param>
internal sealed record WatchedApp(
    string Manifest, Func<AppManifest> Read, Func<AppManifest, App> Load, Action<App> Swap, Action<Exception> Failed, TextWriter Output);

/// <summary>Builds and loads an app again whenever its files change.</summary>
internal sealed class AppWatcher
{
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromMilliseconds(200);

    private readonly WatchedApp _app;
    private readonly TimeSpan _interval;
    private AppManifest _manifest;
    private FileStamps _loaded;
    private Dictionary<string, FileStamps> _sources;

    /// <summary>Makes a watcher; changes count from now on.</summary>
    /// <param name="app">The app.</param>
    /// <param name="manifest">Its manifest, as it runs now.</param>
    /// <param name="interval">How often to look; null for five times a second.</param>
    public AppWatcher(WatchedApp app, AppManifest manifest, TimeSpan? interval = null)
    {
        _app = app;
        _manifest = manifest;
        _interval = interval ?? DefaultInterval;
        _loaded = FileStamps.OfLoaded(manifest, app.Manifest);
        _sources = Sources(manifest);
    }

    /// <summary>Watches until it is stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await Task.Delay(_interval, stop).ConfigureAwait(false);
                FileStamps loaded = FileStamps.OfLoaded(_manifest, _app.Manifest);
                Dictionary<string, FileStamps> sources = Sources(_manifest);
                if (loaded.Equals(_loaded) && !Changed(sources).Any())
                {
                    continue;
                }

                await Task.Delay(_interval, stop).ConfigureAwait(false);
                if (loaded.Equals(FileStamps.OfLoaded(_manifest, _app.Manifest)) && AreEqual(sources, Sources(_manifest)))
                {
                    await TakeUpAsync(loaded, sources, stop).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The end of the server is the end of this.
        }
    }

    private async Task TakeUpAsync(FileStamps loaded, Dictionary<string, FileStamps> sources, CancellationToken stop)
    {
        long started = Stopwatch.GetTimestamp();
        HashSet<string> changed = [.. Changed(sources)];
        bool isManifestChanged = !loaded.Equals(_loaded);
        (_loaded, _sources) = (loaded, sources);
        try
        {
            AppManifest manifest = _app.Read();
            foreach (ComponentManifest component in manifest.Components.Where(component => component.BuildCommand is not null))
            {
                bool isNew = isManifestChanged
                    && _manifest.Components.FirstOrDefault(before => before.Name == component.Name)?.BuildCommand != component.BuildCommand;
                if (changed.Contains(component.Name) || isNew)
                {
                    await ComponentBuild.RunAsync(component, _app.Output, stop).ConfigureAwait(false);
                }
            }

            _app.Swap(_app.Load(manifest));
            _manifest = manifest;
            await _app.Output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"wisp: reloaded in {Stopwatch.GetElapsedTime(started).TotalMilliseconds:0} ms")).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            _app.Failed(exception);
        }

        foreach (ComponentManifest component in _manifest.Components.Where(component => component.Watch.Count == 0 || !_sources.ContainsKey(component.Name)))
        {
            if (component.BuildCommand is not null)
            {
                _sources[component.Name] = FileStamps.OfSources(_manifest, component);
            }
        }

        // The manifest may name other files now. Where one of those before changed meanwhile, the next round must still see it.
        FileStamps fresh = FileStamps.OfLoaded(_manifest, _app.Manifest);
        _loaded = fresh.AgreesWith(loaded) ? fresh : loaded;
    }

    private IEnumerable<string> Changed(Dictionary<string, FileStamps> sources) =>
        sources.Where(pair => !_sources.TryGetValue(pair.Key, out FileStamps? before) || !before.Equals(pair.Value)).Select(pair => pair.Key);

    private static Dictionary<string, FileStamps> Sources(AppManifest manifest) => manifest.Components
        .Where(component => component.BuildCommand is not null)
        .ToDictionary(component => component.Name, component => FileStamps.OfSources(manifest, component));

    private static bool AreEqual(Dictionary<string, FileStamps> a, Dictionary<string, FileStamps> b) =>
        a.Count == b.Count && a.All(pair => b.TryGetValue(pair.Key, out FileStamps? other) && pair.Value.Equals(other));
}
