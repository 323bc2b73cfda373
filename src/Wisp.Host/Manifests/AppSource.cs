using Wisp.Host.Manifests.Foreign;
using Wisp.Host.Routing;
using Wisp.Permissions;

namespace Wisp.Host.Manifests;

/// <summary>Finds the app that a user names: a folder, a manifest, or a program by itself.</summary>
internal static class AppSource
{
    private static readonly string[] Names = [AppManifestReader.FileName, SpinManifestReader.FileName, WagiManifestReader.FileName];

    /// <summary>Reads the app that a path names.</summary>
    /// <param name="path">A folder with a manifest, the manifest, or a module.</param>
    /// <exception cref="ManifestException">The manifest is not what it must be.</exception>
    /// <exception cref="IOException">There is nothing there that is an app.</exception>
    public static AppManifest Read(string path)
    {
        if (Directory.Exists(path))
        {
            string manifest = FileOf(path);
            return File.Exists(manifest)
                ? ReadManifest(manifest)
                : throw new IOException($"{path}: no {AppManifestReader.FileName} in this folder; wisp new NAME makes an app");
        }

        if (!File.Exists(path))
        {
            throw new IOException($"{path}: no such file or folder");
        }

        return IsModule(path) ? OfModule(path) : ReadManifest(path);
    }

    /// <summary>The file from which <see cref="Read"/> starts.</summary>
    public static string FileOf(string path) => !Directory.Exists(path) ? path : Array.Find(
        [.. Names.Select(name => Path.Combine(path, name))], File.Exists) ?? Path.Combine(path, Names[0]);

    /// <summary>Whether a path names a program by itself, without a manifest.</summary>
    public static bool IsModule(string path) => File.Exists(path) && !path.EndsWith(".toml", StringComparison.OrdinalIgnoreCase);

    /// <summary>Adds environment variables to each component; for programs that have no manifest to declare them in.</summary>
    public static AppManifest WithEnvironment(AppManifest app, IEnumerable<KeyValuePair<string, string>> variables) => app with
    {
        Components = [.. app.Components.Select(component =>
        {
            GrantBuilder grant = component.Grant.ToBuilder();
            foreach (KeyValuePair<string, string> variable in variables)
            {
                grant.AddEnvironment(variable.Key, variable.Value);
            }

            return component with { Grant = grant.Build() };
        })],
    };

    private static AppManifest ReadManifest(string path) => Path.GetFileName(path) switch
    {
        SpinManifestReader.FileName => SpinManifestReader.ReadFile(path),
        WagiManifestReader.FileName => WagiManifestReader.ReadFile(path),
        _ => AppManifestReader.ReadFile(path),
    };

    private static AppManifest OfModule(string path)
    {
        string full = Path.GetFullPath(path);
        string name = ForeignManifest.Slug(Path.GetFileNameWithoutExtension(full));
        return new AppManifest(Path.GetDirectoryName(full)!, name, null)
        {
            Components = [new ComponentManifest(name, full)],
            Http = [new HttpTrigger(RoutePattern.Everything, [], name, null)],
        };
    }
}
