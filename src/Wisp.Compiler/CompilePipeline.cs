using System.Runtime.ExceptionServices;
using Wisp.Abi;
using Wisp.Compiler.Allocation;
using Wisp.Compiler.Emission;
using Wisp.Compiler.Ir;
using Wisp.Compiler.Machine;
using Wisp.Compiler.Optimization;
using Wisp.Compiler.Translation;
using Wisp.Compiler.X64;
using Wisp.Wasm.Model;
using Wisp.Wasm.Validation;

namespace Wisp.Compiler;

/// <summary>What a compilation may choose.</summary>
/// <param name="Code">What decides the bytes of the code.</param>
internal sealed record CompileOptions(CodeOptions Code)
{
    public AllocatorChoice Allocator { get; init; }

    public bool Verify { get; init; }

    public int Parallelism { get; init; } = Environment.ProcessorCount;
}

/// <summary>The way of a function: translate, select, allocate, emit; functions in parallel, results in order.</summary>
internal static class CompilePipeline
{
    public static CompiledModule Compile(WasmModule module, ModuleFacts facts, CompileOptions options)
    {
        var layout = new VmLayout(module, facts.EscapingFunctions);
        var blobs = new CodeBlob[module.Bodies.Length];
        var refusals = new Exception?[blobs.Length];
        ParallelLoopResult loop = Parallel.For(
            0, blobs.Length, new ParallelOptions { MaxDegreeOfParallelism = options.Parallelism },
            () => new FunctionCompiler(module, layout, options),
            (i, state, worker) =>
            {
                try
                {
                    blobs[i] = worker.Compile(i, facts.Functions[i]);
                }
                catch (UnsupportedFeatureException e)
                {
                    refusals[i] = e;
                    state.Break();   // lower ones still run, so that the first refusal is always the same
                }

                return worker;
            },
            _ => { });
        if (loop.LowestBreakIteration is { } refused)
        {
            ExceptionDispatchInfo.Throw(refusals[refused]!);
        }

        return new CompiledModule { Module = module, Layout = layout, Functions = blobs, Options = options.Code };
    }

    private sealed class FunctionCompiler(WasmModule module, VmLayout layout, CompileOptions options)
    {
        private readonly SsaFunction _ssa = new();
        private readonly MachineFunction _machine = new();
        private readonly Allocation.Allocation _allocation = new();
        private readonly RedundantParameters _redundantParameters = new();
        private readonly X64Selector _selector = new();
        private readonly X64Emitter _emitter = new();
        private readonly BundleAllocator _bundleAllocator = new();
        private readonly FastAllocator _fastAllocator = new();

        public CodeBlob Compile(int body, FunctionFacts facts)
        {
            var function = new FuncIndex(module.ImportedFunctionCount + body);
            var translator = new FunctionTranslator(_ssa, module, layout, options.Code);
            translator.Translate(function, module.Bodies[body], facts);
            _redundantParameters.Run(_ssa);
            _selector.Select(_ssa, _machine, module, layout);
            if (options.Allocator == AllocatorChoice.Fast || !_bundleAllocator.TryAllocate(_machine, _allocation))
            {
                _fastAllocator.Allocate(_machine, _allocation);
            }

            if (options.Verify)
            {
                AllocationChecker.Check(_machine, _allocation);
            }

            return _emitter.Emit(_machine, _allocation, _selector, options.Code.Features);
        }
    }
}
