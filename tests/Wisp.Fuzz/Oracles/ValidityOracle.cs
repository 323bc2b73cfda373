using Wasmtime;

namespace Wisp.Fuzz.Oracles;

/// <summary>Asks Wasmtime whether a module is valid, with every feature on that Wisp validates.</summary>
internal sealed class ValidityOracle : IDisposable
{
    private readonly Config _config;
    private readonly Engine _engine;

    public ValidityOracle()
    {
        _config = new Config()
            .WithExceptions(true).WithFunctionReferences(true).WithGc(true).WithMemory64(true).WithMultiMemory(true)
            .WithMultiValue(true).WithReferenceTypes(true).WithSIMD(true).WithRelaxedSIMD(true, false).WithTailCalls(true)
            .WithWasmThreads(true).WithWideArithmetic(false);
        _engine = new Engine(_config);
    }

    /// <summary>What Wasmtime has against a module.</summary>
    /// <param name="bytes">The module.</param>
    /// <returns>Its message, or null for a valid module.</returns>
    public string? Refusal(byte[] bytes) => Module.Validate(_engine, bytes);

    public void Dispose()
    {
        _engine.Dispose();
        _config.Dispose();
    }
}
