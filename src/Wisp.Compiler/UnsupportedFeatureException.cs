using Wisp.Wasm.Binary;

namespace Wisp.Compiler;

/// <summary>A valid module uses a part of WebAssembly that the compiler does not know yet.</summary>
/// <param name="message">What, and where.</param>
public sealed class UnsupportedFeatureException(string message) : CompileException(message)
{
    internal static UnsupportedFeatureException Of(in Instruction instruction)
    {
        string feature = instruction.Opcode.Feature() switch
        {
            WasmFeature.GarbageCollection => "garbage collection",
            WasmFeature.Exceptions => "exceptions",
            WasmFeature other => other.ToString(),
        };
        return new UnsupportedFeatureException(
            $"not supported yet: {feature} ({instruction.Opcode.Text()} at offset 0x{instruction.Offset:x})");
    }
}
