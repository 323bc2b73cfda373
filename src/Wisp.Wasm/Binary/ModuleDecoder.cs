using Wisp.Wasm.Model;

namespace Wisp.Wasm.Binary;

/// <summary>Turns the bytes of a binary module into a <see cref="WasmModule"/>.</summary>
/// <remarks>
/// Everything but function bodies is decoded here; a body stays a range of bytes, which the validator reads. Work and memory are
/// proportional to the size of the input. Source: <see href="https://webassembly.github.io/spec/core/binary/modules.html">modules</see>.
/// </remarks>
public static class ModuleDecoder
{
    private static readonly DecoderLimits Default = new();

    /// <summary>Decodes a module.</summary>
    /// <param name="bytes">The module. Must not change while the result is in use.</param>
    /// <param name="limits">How much it may have of each thing; null for the defaults.</param>
    /// <returns>The module, not yet validated.</returns>
    /// <exception cref="MalformedModuleException">The bytes are not a module, or exceed a limit.</exception>
    public static WasmModule Decode(ReadOnlyMemory<byte> bytes, DecoderLimits? limits = null) =>
        new SectionReader(bytes, limits ?? Default, hasCode: true).ReadModule();

    /// <summary>Decodes a module whose code section was taken out, as the one inside an image of compiled code.</summary>
    /// <param name="bytes">The module. Must not change while the result is in use.</param>
    /// <param name="limits">How much it may have of each thing; null for the defaults.</param>
    /// <returns>The module; <see cref="WasmModule.Bodies"/> is empty though it has functions.</returns>
    /// <exception cref="MalformedModuleException">The bytes are not a module, have a code section, or exceed a limit.</exception>
    public static WasmModule DecodeWithoutCode(ReadOnlyMemory<byte> bytes, DecoderLimits? limits = null) =>
        new SectionReader(bytes, limits ?? Default, hasCode: false).ReadModule();
}
