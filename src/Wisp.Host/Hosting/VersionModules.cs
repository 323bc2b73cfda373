using Wisp.Abi.Images;
using Wisp.Host.Deployments;
using Wisp.Host.Manifests;
using Wisp.Host.Telemetry;
using Wisp.Permissions;
using Wisp.Wasm.Text;

namespace Wisp.Host.Hosting;

/// <summary>Makes the module of a version's component ready: its image is mapped. One that cannot be used here is compiled anew.</summary>
/// <param name="engine">The engine.</param>
/// <param name="log">Told of images that cannot be used.</param>
internal sealed class VersionModules(Engine engine, IInvocationSink log)
{
    /// <summary>Loads a module.</summary>
    /// <exception cref="IOException">Neither image nor source can be read.</exception>
    /// <exception cref="Wasm.WasmException">The source is no module.</exception>
    public Module Load(DeployedVersion version, ComponentManifest component)
    {
        string name = Path.GetFileName(component.Source);
        if (version.Images.TryGetValue(component.Name, out string? image))
        {
            try
            {
                return Module.FromImage(engine, image, name);
            }
            catch (Exception unusable) when (unusable is ImageException or IOException or UnauthorizedAccessException)
            {
                log.Event(
                    new InvocationOrigin(version.App, version.Number, Component: component.Name),
                    $"image cannot be used, compiling {name} again: {GuestText.Escape(unusable.Message)}");
            }
        }

        return Compile(component.Source, name);
    }

    private Module Compile(string path, string name)
    {
        byte[] bytes = File.ReadAllBytes(path);
        if (bytes.AsSpan().StartsWith("\0wisp"u8))
        {
            return Module.FromImage(engine, path, name);
        }

        bool isBinary = bytes.AsSpan().StartsWith("\0asm"u8);
        return Module.Compile(engine, isBinary ? bytes : WatParser.ParseModule(bytes, name), name);
    }
}
