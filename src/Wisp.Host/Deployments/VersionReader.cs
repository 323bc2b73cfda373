using Wisp.Host.Manifests;
using Wisp.Host.State;

namespace Wisp.Host.Deployments;

/// <summary>Makes what is kept of a version ready to run: checks its files, and makes again what can be made again.</summary>
internal sealed class VersionReader(ServerState state, ImageMaker images)
{
    /// <summary>Makes a version ready.</summary>
    /// <exception cref="StateException">A file of it is damaged or gone.</exception>
    /// <exception cref="DeployException">A variable has no value, or a program cannot be compiled.</exception>
    public DeployedVersion Load(VersionRecord version)
    {
        (string app, int number) = (version.App, version.Status.Number);

        // A whole folder was read just now; most of its files are the blobs themselves.
        bool isWhole = state.Versions.IsWhole(app, number, version.Files);
        VersionFile? damaged = version.Files.FirstOrDefault(
            file => isWhole ? !File.Exists(state.Blobs.PathOf(file.Digest)) : !state.Blobs.Check(file.Digest));
        if (damaged is not null)
        {
            throw new StateException($"{app} v{number}: {damaged.Path} (blob {damaged.Digest}) is damaged or gone; deploy it again");
        }

        if (!isWhole)
        {
            state.Versions.Build(app, number, version.Files);
        }

        AppManifest manifest = ReadManifest(app, number);
        StorageFolders.Prepare(manifest, StorageOf(app), []);

        // Until its row is there, a deploy that is taken back would collect an image that was made here.
        using StoreHold hold = state.Images.Hold();
        DeployedVersion loaded = WithValues(new DeployedVersion(app, number, manifest), version.Files, state.Secrets.Open(app), hold);

        // With another version of Wisp, an image may have got another name.
        IReadOnlyDictionary<string, string> images = NamesOf(loaded);
        if (images.Any(pair => version.Images.GetValueOrDefault(pair.Key) != pair.Value))
        {
            state.Database.Change(queries => AppRows.SetImages(queries, app, number, images));
        }

        return loaded;
    }

    /// <summary>A version with the values that were set on this server, and the images that go with them: a snapshot depends on them.</summary>
    /// <param name="version">The version.</param>
    /// <param name="files">Its files.</param>
    /// <param name="set">The values.</param>
    /// <param name="hold">Keeps images until a version names them.</param>
    public DeployedVersion WithValues(
        DeployedVersion version, IReadOnlyList<VersionFile> files, IReadOnlyDictionary<string, string> set, StoreHold hold)
    {
        Dictionary<string, string> variables = Values(version.Manifest, set);
        var paths = new Dictionary<string, string>();
        foreach (ComponentManifest component in version.Manifest.Components)
        {
            var source = new ComponentSource(version.Manifest, component, DigestOf(component, version.Manifest, files), variables, [.. set.Keys]);
            string image = images.MakeAsync(source, hold, CancellationToken.None).GetAwaiter().GetResult();
            paths.Add(component.Name, state.Images.PathOf(image));
        }

        return version with { Images = paths, Variables = variables };
    }

    /// <summary>Names of a version's images, by component.</summary>
    public static IReadOnlyDictionary<string, string> NamesOf(DeployedVersion version) =>
        version.Images.ToDictionary(pair => pair.Key, pair => Path.GetFileNameWithoutExtension(pair.Value));

    /// <summary>Reads the manifest of a version from its folder.</summary>
    public AppManifest ReadManifest(string app, int number) => AppManifestReader.ReadFile(
        Path.Combine(state.Folder.VersionFolder(app, number), AppManifestReader.FileName), StorageOf(app));

    public string StorageOf(string app) => Path.Combine(state.Folder.Storage, app);

    /// <summary>Digest of a component's source.</summary>
    public static string DigestOf(ComponentManifest component, AppManifest manifest, IReadOnlyList<VersionFile> files)
    {
        string path = Path.GetRelativePath(manifest.Folder, Path.GetFullPath(component.Source));
        return files.FirstOrDefault(file => file.Path == path)?.Digest
            ?? throw new DeployException("bad-bundle", $"component {component.Name}: its source {path} is not in the bundle");
    }

    /// <summary>The values of an app's variables: what was set on this server, else the manifest's default.</summary>
    /// <exception cref="DeployException">One has neither.</exception>
    public static Dictionary<string, string> Values(AppManifest app, IReadOnlyDictionary<string, string> set)
    {
        string[] missing = [.. app.Variables.Where(variable => !set.ContainsKey(variable.Name) && variable.Default is null)
            .Select(variable => variable.Name)];
        return missing.Length == 0
            ? app.Variables.ToDictionary(variable => variable.Name, variable => set.GetValueOrDefault(variable.Name) ?? variable.Default!)
            : throw new DeployException("missing-variable", string.Join('\n', missing.Select(
                name => $"the app needs the variable {name}: wisp secret set {app.Name} {name}")));
    }
}
