using System.Text;
using Wisp.Host.Manifests;

namespace Wisp.Host.Bundles;

/// <summary>What of an app's folder a server needs: the manifest, the programs, the files that they read, the files that are answers.</summary>
/// <remarks>Links inside the folder are followed, as they are when the app runs from it; others are refused.</remarks>
internal sealed class AppBundle
{
    private readonly SortedDictionary<string, string> _files = new(StringComparer.Ordinal);   // full path by name
    private readonly string _folder;
    private readonly string _realFolder;
    private readonly byte[]? _manifest;

    private AppBundle(AppManifest app, byte[]? manifest)
    {
        App = app;
        _folder = app.Folder;
        _realFolder = RealPath.Of(_folder);
        _manifest = manifest;
    }

    /// <summary>The app.</summary>
    public AppManifest App { get; }

    /// <summary>Names of its files, in their order.</summary>
    public IReadOnlyCollection<string> Names => _files.Keys;

    /// <summary>Finds what belongs to an app.</summary>
    /// <param name="path">A folder with <c>wisp.toml</c>, the manifest, or a program by itself.</param>
    /// <exception cref="BundleException">A file is missing or cannot be sent.</exception>
    /// <exception cref="ManifestException">The manifest is not what it must be.</exception>
    /// <exception cref="IOException">There is nothing there that is an app.</exception>
    public static AppBundle Of(string path)
    {
        AppManifest app = AppSource.Read(path);
        string file = AppSource.FileOf(path);
        if (AppSource.IsModule(path))
        {
            // The program's own name may be none that a bundle or a manifest takes.
            string name = app.Name + (path.EndsWith(".wat", StringComparison.OrdinalIgnoreCase) ? ".wat" : ".wasm");
            var single = new AppBundle(app, Encoding.UTF8.GetBytes(ManifestOf(app.Name, name)));
            single._files.Add(AppManifestReader.FileName, string.Empty);
            single._files.Add(name, app.Components[0].Source);
            return single;
        }

        if (Path.GetFileName(file) != AppManifestReader.FileName)
        {
            throw new BundleException($"{file}: a server takes {AppManifestReader.FileName} or a program by itself");
        }

        var bundle = new AppBundle(app, null);
        bundle.AddFile(file, isProgram: false);
        foreach (ComponentManifest component in app.Components)
        {
            bundle.AddFile(component.Source, isProgram: true);
            foreach (string source in component.Files)
            {
                bundle.AddTree(Path.Combine(app.Folder, source));
            }
        }

        foreach (HttpTrigger trigger in app.Http.Where(trigger => trigger.Response?.File is not null))
        {
            bundle.AddFile(trigger.Response!.File!, isProgram: false);
        }

        return bundle;
    }

    /// <summary>Writes the bundle.</summary>
    /// <exception cref="BundleException">A name is too long, or a file changed meanwhile.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public void Write(Stream target)
    {
        using var writer = new BundleWriter(target);
        foreach ((string name, string path) in _files)
        {
            using Stream contents = path.Length == 0 ? new MemoryStream(_manifest!) : File.OpenRead(path);
            writer.Add(name, contents, contents.Length);
        }

        writer.Finish();
    }

    private void AddTree(string path)
    {
        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (File.Exists(path))
        {
            AddFile(path, isProgram: false);
            return;
        }

        if (!Directory.Exists(path))
        {
            throw new BundleException($"{path}: no such file or folder");
        }

        if (new DirectoryInfo(path).LinkTarget is not null)
        {
            throw new BundleException($"{path}: a link to a folder; name the folder itself under files");
        }

        foreach (string entry in Directory.EnumerateFileSystemEntries(path))
        {
            AddTree(entry);
        }
    }

    private void AddFile(string path, bool isProgram)
    {
        path = Path.GetFullPath(path);
        string real = RealPath.Of(path);
        if (!File.Exists(real))
        {
            throw new BundleException($"{path}: no such file" + (isProgram ? "; wisp build makes it if the manifest says how" : string.Empty));
        }

        if (!IsInside(path, _folder) || !IsInside(real, _realFolder))
        {
            throw new BundleException($"{path}: leads out of the app's folder");
        }

        if (isProgram && path.EndsWith(".wisp", StringComparison.Ordinal))
        {
            throw new BundleException($"{path}: an image is machine code, which a server does not take from others; deploy the .wasm file");
        }

        _files[Path.GetRelativePath(_folder, path)] = real;
    }

    private static bool IsInside(string path, string folder) => path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>The manifest that a program by itself stands for.</summary>
    private static string ManifestOf(string name, string source) => $"""
        [application]
        name = "{name}"

        [[trigger.http]]
        route = "/..."
        component = "{name}"

        [component.{name}]
        source = "{source}"
        """ + "\n";
}
