using Wisp.Wasm;
using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;
using Wisp.Wasm.Validation;

namespace Wisp.Fuzz.Oracles;

/// <summary>What became of a module.</summary>
internal enum ModuleOutcome
{
    /// <summary>It is a good module.</summary>
    Valid,

    /// <summary>It was refused as malformed.</summary>
    Malformed,

    /// <summary>It was refused as invalid.</summary>
    Invalid,
}

/// <summary>Decodes and validates bytes of any kind. They are a good module or refused, in memory proportional to their length.</summary>
internal static class ModuleOracle
{
    // A byte of a hostile module may become a class of some 60 bytes in an array that a list outgrew twice.
    private const long BytesPerByte = 400;
    private const long BytesAlways = 4 << 20;

    /// <summary>Decodes and validates.</summary>
    /// <param name="bytes">What may be a module.</param>
    /// <exception cref="InvalidOperationException">It took too much memory.</exception>
    public static ModuleOutcome Check(byte[] bytes)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        ModuleOutcome outcome = Outcome(bytes);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        return allocated <= BytesAlways + (BytesPerByte * bytes.Length)
            ? outcome
            : throw new InvalidOperationException($"{bytes.Length} bytes made the decoder allocate {allocated}");
    }

    private static ModuleOutcome Outcome(byte[] bytes)
    {
        try
        {
            WasmModule module = ModuleDecoder.Decode(bytes);
            NameSection.Decode(module);
            ModuleFacts facts = ModuleValidator.Validate(module, maxDegreeOfParallelism: 1);
            return facts.Functions.Length == module.Bodies.Length
                ? ModuleOutcome.Valid
                : throw new InvalidOperationException("a body without facts");
        }
        catch (MalformedModuleException)
        {
            return ModuleOutcome.Malformed;
        }
        catch (InvalidModuleException)
        {
            return ModuleOutcome.Invalid;
        }
    }
}
