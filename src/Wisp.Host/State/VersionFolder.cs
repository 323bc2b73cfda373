namespace Wisp.Host.State;

/// <summary>The folder in which a version finds its files: links to blobs, put in its place whole.</summary>
internal sealed class VersionFolder(DataFolder data, BlobStore blobs)
{
    /// <summary>Makes the folder of a version, instead of what is there.</summary>
    public string Build(string app, int version, IReadOnlyList<VersionFile> files)
    {
        string unfinished = data.NewIncoming();
        DurableFile.CreateFolder(unfinished);
        try
        {
            foreach (VersionFile file in files)
            {
                string path = Path.Combine(unfinished, file.Path);
                DurableFile.CreateFolder(Path.GetDirectoryName(path)!);
                DurableFile.Link(blobs.PathOf(file.Digest), path);
            }

            string folder = data.VersionFolder(app, version);
            Remove(app, version);
            DurableFile.CreateFolder(Path.GetDirectoryName(folder)!);
            Directory.Move(unfinished, folder);
            return folder;
        }
        catch
        {
            Directory.Delete(unfinished, recursive: true);
            throw;
        }
    }

    /// <summary>Whether the folder has exactly these files, with what belongs in them.</summary>
    /// <remarks>That the blobs are good says nothing about it: a blob that was mended is another file, and a copy is one from the start.</remarks>
    public bool IsWhole(string app, int version, IReadOnlyList<VersionFile> files)
    {
        string folder = data.VersionFolder(app, version);
        if (!Directory.Exists(folder))
        {
            return false;
        }

        var expected = files.ToDictionary(file => file.Path);
        string[] present = Directory.GetFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 });
        return present.Length == expected.Count && present.All(path =>
            expected.TryGetValue(Path.GetRelativePath(folder, path), out VersionFile? file)
            && new FileInfo(path) is { LinkTarget: null } found && found.Length == file.Bytes && BlobStore.IsIn(path, file.Digest));
    }

    /// <summary>Removes a version's folder, and its app's when it was the last.</summary>
    public void Remove(string app, int version)
    {
        string folder = data.VersionFolder(app, version);
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        string parent = Path.GetDirectoryName(folder)!;
        if (Directory.Exists(parent) && !Directory.EnumerateFileSystemEntries(parent).Any())
        {
            Directory.Delete(parent);
        }
    }

    /// <summary>Removes every folder that no version has.</summary>
    /// <param name="isVersion">Whether there is a version.</param>
    /// <returns>How many went.</returns>
    public int RemoveOthers(Func<string, int, bool> isVersion)
    {
        int gone = 0;
        foreach (string app in Directory.GetDirectories(data.Apps))
        {
            foreach (string path in Directory.GetDirectories(app))
            {
                if (!int.TryParse(Path.GetFileName(path), out int number) || !isVersion(Path.GetFileName(app), number))
                {
                    Directory.Delete(path, recursive: true);
                    gone++;
                }
            }

            if (!Directory.EnumerateFileSystemEntries(app).Any())
            {
                Directory.Delete(app);
            }
        }

        return gone;
    }
}
