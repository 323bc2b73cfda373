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
        VersionFile? damaged = version.Files.FirstOrDefault(file => !state.Blobs.Check(file.Digest));
        if (damaged is not null)
        {
            throw new StateException($"{app} v{number}: {damaged.Path} (blob {damaged.Digest}) is damaged or gone; deploy it again");
        }

        if (!state.Versions.IsWhole(app, number, version.Files))
        {
            state.Versions.Build(app, number, version.Files);
        }

        AppManifest manifest = ReadManifest(app, number);
        StorageFolders.Prepare(manifest, StorageOf(app), []);
        IReadOnlyDictionary<string, string> secrets = state.Secrets.Open(app);
        Dictionary<string, string> variables = Values(manifest, secrets);
        var paths = new Dictionary<string, string>();
        foreach (ComponentManifest component in manifest.Components)
        {
            var source = new ComponentSource(manifest, component, DigestOf(component, manifest, version.Files), variables, [.. secrets.Keys]);
            string image = images.MakeAsync(source, hold: null, CancellationToken.None).GetAwaiter().GetResult();
            paths.Add(component.Name, state.Images.PathOf(image));
        }

        return new DeployedVersion(app, number, manifest) { Images = paths, Variables = variables };
    }

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
