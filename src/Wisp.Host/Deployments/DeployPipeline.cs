using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Wisp.Host.Hosting;
using Wisp.Host.Manifests;
using Wisp.Host.State;
using Wisp.Permissions;

namespace Wisp.Host.Deployments;

/// <summary>One deploy, from the first byte of its bundle to a version that is ready to take requests but that nobody knows yet.</summary>
/// <remarks>Until <see cref="Keep"/> is called, disposing takes everything back: the version's folder, blobs and images that nobody else
/// needs, folders of its storage.</remarks>
internal sealed class DeployPipeline : IDisposable
{
    private readonly ServerState _state;
    private readonly DeployRequest _request;
    private readonly Upload _upload;
    private readonly IProgress<DeployStep> _progress;
    private readonly DeploymentOptions _options;
    private readonly ImageMaker _images;
    private readonly VersionReader _reader;
    private readonly StoreHold _blobs;
    private readonly StoreHold _imageNames;
    private readonly List<string> _storage = [];
    private bool _isKept;

    /// <summary>Begins a deploy.</summary>
    /// <param name="state">Where the version goes.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="upload">Its bundle, from <see cref="ReceiveAsync"/>; not owned.</param>
    /// <param name="progress">Hears of its steps.</param>
    /// <param name="options">Settings.</param>
    public DeployPipeline(
        ServerState state, DeployRequest request, Upload upload, IProgress<DeployStep> progress, DeploymentOptions options)
    {
        _state = state;
        _request = request;
        _upload = upload;
        _progress = progress;
        _options = options;
        _images = new ImageMaker(state);
        _reader = new VersionReader(state, _images);
        _blobs = state.Blobs.Hold();
        _imageNames = state.Images.Hold();
        Number = state.Database.Read(queries => AppRows.LastNumber(queries, request.App)) + 1;
    }

    /// <summary>The number that the version gets.</summary>
    public int Number { get; }

    /// <summary>What it asks of the server.</summary>
    public IReadOnlyList<string> Permissions { get; private set; } = [];

    /// <summary>What becomes of it in the database.</summary>
    public VersionRecord Record { get; private set; } = null!;

    /// <summary>Receives the bundle. Whoever sends it may be slow, so nothing of the app is held meanwhile.</summary>
    /// <exception cref="DeployException">It is too large, or not what was announced.</exception>
    public static async Task<Upload> ReceiveAsync(
        ServerState state, DeployRequest request, IProgress<DeployStep> progress, DeploymentOptions options, CancellationToken cancellationToken)
    {
        Upload upload = await Upload.ReceiveAsync(state.Folder, request.Bundle, options.Bundle.PackedBytes, progress, cancellationToken)
            .ConfigureAwait(false);
        try
        {
            Step("verify", progress, options);
            return CryptographicOperations.FixedTimeEquals(Convert.FromHexString(upload.Digest), request.Digest.Span)
                ? upload
                : throw new DeployException("digest-mismatch", $"what came is not what was announced: its SHA-256 is {upload.Digest}");
        }
        catch
        {
            upload.Dispose();
            throw;
        }
    }

    /// <summary>Makes the version ready.</summary>
    /// <exception cref="DeployException">It cannot be taken; the message says why.</exception>
    public async Task<DeployedVersion> RunAsync(IVersionHost host, DateTimeOffset now, CancellationToken cancellationToken)
    {
        Step("validate");
        IReadOnlyList<VersionFile> files = await Task.Run(
            () => _upload.Unpack(_state.Blobs, _blobs, _options.Bundle, cancellationToken), cancellationToken).ConfigureAwait(false);
        _upload.Dispose();   // as much as the blobs, and not needed any more

        AppManifest manifest = Validate(files);
        IReadOnlyDictionary<string, string> secrets = _state.Secrets.Open(_request.App);
        Dictionary<string, string> variables = VersionReader.Values(manifest, secrets);
        ComponentSource SourceOf(ComponentManifest component) =>
            new(manifest, component, VersionReader.DigestOf(component, manifest, files), variables, [.. secrets.Keys]);

        Dictionary<string, string> images = await Task.Run(() => CompileAsync(manifest, SourceOf, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
        var version = new DeployedVersion(_request.App, Number, manifest)
        {
            Images = images.ToDictionary(pair => pair.Key, pair => _state.Images.PathOf(pair.Value)),
            Variables = variables,
        };
        Step("probe");
        await host.ProbeAsync(version, cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        Record = new VersionRecord(
            _request.App, new VersionStatus(Number, manifest.Version, _upload.Digest, now, _request.By), files, images);

        // What the transaction names is on the disk before it.
        _blobs.Sync();
        _options.OnPoint?.Invoke("synced");
        return version;
    }

    /// <summary>The version is in the database: nothing is taken back.</summary>
    public void Keep() => _isKept = true;

    public void Dispose()
    {
        _blobs.Dispose();
        _imageNames.Dispose();
        if (_isKept)
        {
            return;
        }

        Try(() => _state.Versions.Remove(_request.App, Number));
        Try(() => _state.Blobs.Collect(_blobs.Names, digest => _state.Database.Read(queries => AppRows.IsBlobNamed(queries, digest))));
        Try(() => _state.Images.Collect(_imageNames.Names, image => _state.Database.Read(queries => AppRows.IsImageNamed(queries, image))));
        foreach (string path in Enumerable.Reverse(_storage))
        {
            Try(() =>
            {
                if (Directory.Exists(path) && !Directory.EnumerateFileSystemEntries(path).Any())
                {
                    Directory.Delete(path);
                }
            });
        }
    }

    /// <summary>Takes a part back. What stays goes with the next start; why the deploy failed matters more, and so do the other parts.</summary>
    private static void Try(Action part)
    {
        try
        {
            part();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or SqliteException)
        {
        }
    }

    private AppManifest Validate(IReadOnlyList<VersionFile> files)
    {
        if (!files.Any(file => file.Path == AppManifestReader.FileName))
        {
            throw new DeployException("bad-bundle", $"there is no {AppManifestReader.FileName} in the bundle");
        }

        _state.Versions.Build(_request.App, Number, files);
        _options.OnPoint?.Invoke("built");
        AppManifest manifest = ReadManifest();
        if (manifest.Name != _request.App)
        {
            throw new DeployException("wrong-app", $"the manifest is that of {GuestText.Quote(manifest.Name)}, not of {_request.App}");
        }

        foreach (HttpTrigger trigger in manifest.Http.Where(trigger => trigger.Response?.File is string file && !File.Exists(file)))
        {
            throw new DeployException("bad-bundle",
                $"route {trigger.Route.Text}: {Path.GetRelativePath(manifest.Folder, trigger.Response!.File!)} is not in the bundle");
        }

        CheckPermissions(manifest);
        StorageFolders.Prepare(manifest, _reader.StorageOf(_request.App), _storage);
        _options.OnPoint?.Invoke("validated");
        return manifest;
    }

    private AppManifest ReadManifest()
    {
        try
        {
            return _reader.ReadManifest(_request.App, Number);
        }
        catch (ManifestException exception)
        {
            // Named as in the bundle: where the server keeps it is nobody's business.
            throw new DeployException("bad-manifest", string.Join('\n', exception.Faults.Select(
                fault => (fault with { File = AppManifestReader.FileName }).ToString())));
        }
    }

    private void CheckPermissions(AppManifest manifest)
    {
        Permissions = PermissionLines.Of(manifest);
        PermissionDifference difference = PermissionLines.Between(
            _state.Database.Read(queries => AppRows.Accepted(queries, _request.App)), Permissions);
        if (difference.Added.Count > 0 && !_request.AcceptsPermissions)
        {
            throw new DeployException("permissions-not-accepted",
                "this version asks for more than was accepted before:\n" + string.Join('\n', difference.Added.Select(line => $"  + {GuestText.Escape(line)}")))
            {
                Permissions = difference,
            };
        }
    }

    private async Task<Dictionary<string, string>> CompileAsync(
        AppManifest manifest, Func<ComponentManifest, ComponentSource> sourceOf, CancellationToken cancellationToken)
    {
        var images = new Dictionary<string, string>();
        foreach (ComponentManifest component in manifest.Components)
        {
            cancellationToken.ThrowIfCancellationRequested();
            string step = component.HasSnapshot ? "snapshot" : "compile";
            _progress.Report(new DeployStep(step, component.Name, images.Count, manifest.Components.Count));
            images.Add(component.Name, await _images.MakeAsync(sourceOf(component), _imageNames, cancellationToken).ConfigureAwait(false));
        }

        _options.OnPoint?.Invoke("compiled");
        return images;
    }

    private void Step(string name) => Step(name, _progress, _options);

    private static void Step(string name, IProgress<DeployStep> progress, DeploymentOptions options)
    {
        progress.Report(new DeployStep(name, null, 0, null));
        options.OnPoint?.Invoke(name);
    }
}
