using Wisp.Host.Manifests;

namespace Wisp.Host.Watching;

/// <summary>How files are at one time: when each was written and how long it is. Two of them are equal when nothing changed.</summary>
internal sealed class FileStamps : IEquatable<FileStamps>
{
    /// <summary>Files that are looked at; a folder with more wants <c>build.watch</c>.</summary>
    public const int MaxFiles = 20_000;

    private static readonly string[] LeftOutFolders = ["node_modules", "target"];

    private readonly SortedDictionary<string, (DateTime Written, long Length)> _stamps = new(StringComparer.Ordinal);

    private FileStamps()
    {
    }

    /// <summary>What an app is loaded from: its manifest, its modules, the files of its answers.</summary>
    public static FileStamps OfLoaded(AppManifest app, string manifest)
    {
        var stamps = new FileStamps();
        IEnumerable<string> files = app.Components.Where(component => component.BuildCommand is null).Select(component => component.Source)
            .Concat(app.Http.Select(trigger => trigger.Response?.File).OfType<string>())
            .Append(manifest);
        foreach (string file in files)
        {
            stamps.Add(new FileInfo(file));
        }

        return stamps;
    }

    /// <summary>What a component is built from.</summary>
    public static FileStamps OfSources(AppManifest app, ComponentManifest component)
    {
        var stamps = new FileStamps();
        var made = app.Components.Select(other => other.Source).ToHashSet();
        foreach (FileInfo file in Files(new DirectoryInfo(app.Folder)))
        {
            string path = Path.GetRelativePath(app.Folder, file.FullName);
            bool isWatched = component.Watch.Count == 0
                ? !made.Contains(file.FullName)
                : component.Watch.Any(pattern => PathPattern.Matches(pattern, path));
            if (isWatched)
            {
                stamps.Add(file);
            }
        }

        return stamps;
    }

    /// <summary>Whether the files that both know are as they were.</summary>
    public bool AgreesWith(FileStamps other) =>
        _stamps.All(stamp => !other._stamps.TryGetValue(stamp.Key, out var before) || before == stamp.Value);

    public bool Equals(FileStamps? other) => other is not null && _stamps.SequenceEqual(other._stamps);

    public override bool Equals(object? obj) => Equals(obj as FileStamps);

    public override int GetHashCode() => _stamps.Count;

    /// <summary>The files below a folder, hidden ones and those that tools fetch or make left out; links are not followed.</summary>
    private static IEnumerable<FileInfo> Files(DirectoryInfo root)
    {
        var folders = new Stack<DirectoryInfo>([root]);
        int count = 0;
        while (folders.TryPop(out DirectoryInfo? folder))
        {
            foreach (FileSystemInfo entry in Entries(folder).Where(entry => !entry.Name.StartsWith('.')))
            {
                if (entry is FileInfo file)
                {
                    if (++count > MaxFiles)
                    {
                        yield break;
                    }

                    yield return file;
                }
                else if (entry is DirectoryInfo inner && inner.LinkTarget is null && !LeftOutFolders.Contains(inner.Name))
                {
                    folders.Push(inner);
                }
            }
        }
    }

    private static FileSystemInfo[] Entries(DirectoryInfo folder)
    {
        try
        {
            return folder.GetFileSystemInfos();
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return [];   // a tool removed it meanwhile, or it is not ours to read
        }
    }

    private void Add(FileInfo file)
    {
        try
        {
            _stamps[file.FullName] = file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            _stamps[file.FullName] = default;
        }
    }
}
