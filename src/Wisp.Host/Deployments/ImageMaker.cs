using Wisp.Compiler;
using Wisp.Host.Manifests;
using Wisp.Host.State;
using Wisp.Wasm;

namespace Wisp.Host.Deployments;

/// <summary>Makes the images of components, once for each module.</summary>
internal sealed class ImageMaker(ServerState state)
{
    private const long MaxModuleBytes = 256L << 20;

    /// <summary>Makes the image of a component, unless there is one that can be used.</summary>
    /// <param name="component">The component.</param>
    /// <param name="module">Digest of its source.</param>
    /// <param name="hold">Keeps the image until a version names it; null when one does already.</param>
    /// <returns>The image's name.</returns>
    /// <exception cref="DeployException">The source is no module that can be compiled.</exception>
    public string Make(ComponentManifest component, string module, StoreHold? hold)
    {
        string image = ImageStore.NameOf(module);
        hold?.Add(image);
        if (!state.Images.IsUsable(image))
        {
            state.Images.Write(image, Compile(component, module));
        }

        return image;
    }

    private byte[] Compile(ComponentManifest component, string digest)
    {
        string name = Path.GetFileName(component.Source);
        if (new FileInfo(state.Blobs.PathOf(digest)).Length > MaxModuleBytes)
        {
            throw new DeployException("bad-module", $"component {component.Name}: {name} is larger than {MaxModuleBytes >> 20} MiB");
        }

        try
        {
            using Module module = Module.Compile(state.Engine, ModuleSource.Read(state.Blobs.Read(digest), name), name);
            return module.ToImage();
        }
        catch (Exception fault) when (fault is WasmException or CompileException)
        {
            throw new DeployException("bad-module", $"component {component.Name}: {name}: {fault.Message}");
        }
    }
}
