using Wisp.Wasm;
using Wisp.Wasm.Text;

namespace Wisp.Host.Deployments;

/// <summary>Reads the program that somebody sent: a module, binary or text. An image is machine code and refused.</summary>
internal static class ModuleSource
{
    private static readonly byte[] ComponentVersion = [0x0d, 0x00, 0x01, 0x00];

    /// <summary>The binary module.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="name">Its name, for messages.</param>
    /// <exception cref="DeployException">It is something else.</exception>
    /// <exception cref="WasmException">It is a text that is no module.</exception>
    public static byte[] Read(byte[] bytes, string name)
    {
        ReadOnlySpan<byte> start = bytes;
        if (start.StartsWith("\0wisp"u8))
        {
            throw new DeployException("bad-module", $"{name}: an image is machine code, which a server does not take from others; send the .wasm file");
        }

        if (!start.StartsWith("\0asm"u8))
        {
            return start.TrimStart(" \t\r\n"u8) is var text && (text.StartsWith("("u8) || text.StartsWith(";;"u8))
                ? WatParser.ParseModule(bytes, name)
                : throw new DeployException("bad-module", $"{name}: neither a WebAssembly module nor its text");
        }

        return start[4..].StartsWith(ComponentVersion)
            ? throw new DeployException("bad-module", $"{name}: this is a component, and only modules are supported yet")
            : bytes;
    }
}
