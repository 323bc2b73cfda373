using Wisp.Compiler;
using Wisp.Host.Manifests;
using Wisp.Host.Snapshots;
using Wisp.Host.State;
using Wisp.Wasm;

namespace Wisp.Host.Deployments;

/// <summary>Makes the images of components, once for each module; with <c>instances.snapshot</c>, once for all that start-up sees.</summary>
internal sealed class ImageMaker(ServerState state)
{
    private const long MaxModuleBytes = 256L << 20;

    /// <summary>Makes the image of a component, unless there is one that can be used.</summary>
    /// <param name="component">The component.</param>
    /// <param name="hold">Keeps the image until a version names it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The image's name.</returns>
    /// <exception cref="DeployException">The source is no module that can be compiled, or it cannot have its snapshot.</exception>
    public async Task<string> MakeAsync(ComponentSource component, StoreHold hold, CancellationToken cancellationToken)
    {
        SnapshotRequest? snapshot = component.Manifest.HasSnapshot
            ? SnapshotRequest.Of(component.App, component.Manifest, component.Variables, component.Secrets)
            : null;
        string image = ImageStore.NameOf(component.Digest, snapshot?.Key);
        hold.Add(image);
        if (!state.Images.IsUsable(image))
        {
            using Module module = Compile(component.Manifest, component.Digest);
            byte[] bytes = snapshot is null
                ? module.ToImage()
                : await TakeAsync(component.Manifest, module, snapshot, cancellationToken).ConfigureAwait(false);
            state.Images.Write(image, bytes);
        }

        return image;
    }

    private static async Task<byte[]> TakeAsync(
        ComponentManifest component, Module module, SnapshotRequest snapshot, CancellationToken cancellationToken)
    {
        try
        {
            return await SnapshotTaker.TakeAsync(module, snapshot, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception refused) when (refused is SnapshotRefusedException or IOException or LinkException)
        {
            throw new DeployException("snapshot-refused", $"component {component.Name}: instances.snapshot: {refused.Message}");
        }
    }

    private Module Compile(ComponentManifest component, string digest)
    {
        string name = Path.GetFileName(component.Source);
        if (new FileInfo(state.Blobs.PathOf(digest)).Length > MaxModuleBytes)
        {
            throw new DeployException("bad-module", $"component {component.Name}: {name} is larger than {MaxModuleBytes >> 20} MiB");
        }

        try
        {
            return Module.Compile(state.Engine, ModuleSource.Read(state.Blobs.Read(digest), name), name);
        }
        catch (Exception fault) when (fault is WasmException or CompileException)
        {
            throw new DeployException("bad-module", $"component {component.Name}: {name}: {fault.Message}");
        }
    }
}

/// <summary>A component of a version, and what its image is made of.</summary>
/// <param name="App">The app.</param>
/// <param name="Manifest">The component.</param>
/// <param name="Digest">Digest of its source.</param>
/// <param name="Variables">Values of the app's variables.</param>
/// <param name="Secrets">Those whose values are this server's, which no image may hold.</param>
internal sealed record ComponentSource(
    AppManifest App,
    ComponentManifest Manifest,
    string Digest,
    IReadOnlyDictionary<string, string> Variables,
    IReadOnlyCollection<string> Secrets);
