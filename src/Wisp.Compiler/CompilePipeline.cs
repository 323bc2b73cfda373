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

    /// <summary>Receives each function after each phase, or null. Asking for it compiles on one thread.</summary>
    public IPhaseSink? Dump { get; init; }

    /// <summary>Whether WISP_VERIFY=1 asks for verification in a program that does not by itself.</summary>
    public static bool VerifyByEnvironment { get; } = Environment.GetEnvironmentVariable("WISP_VERIFY") == "1";
}

/// <summary>The way of a function: translate, select, allocate, emit; functions in parallel, results in order.</summary>
internal static class CompilePipeline
{
    public static CompiledModule Compile(WasmModule module, ModuleFacts facts, CompileOptions options)
    {
        var layout = new VmLayout(module, facts.EscapingFunctions);
        ConstantTable?[] tables = ConstantTable.OfModule(module, facts);
        var blobs = new CodeBlob[module.Bodies.Length];
        var refusals = new Exception?[blobs.Length];
        ParallelLoopResult loop = Parallel.For(
            0, blobs.Length, new ParallelOptions { MaxDegreeOfParallelism = options.Dump is null ? options.Parallelism : 1 },
            () => new FunctionCompiler(module, layout, tables, options),
            (i, state, worker) =>
            {
                try
                {
                    blobs[i] = worker.Compile(i, facts.Functions[i]);
                }
                catch (CompileException e)
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

    /// <summary>The passes over the SSA form, in order.</summary>
    public static IPass[] Passes() =>
    [
        new RedundantParameters(),   // first: the others see through the parameters that go
        new InvariantLoads(),        // before the next, which removes what it loads for two loops
        new LoadElimination(),
        new BlockLayout(),
        new CriticalEdges(),         // last: it makes blocks that only the allocator needs
    ];

    // Owns every array that compiling takes: one for each thread, used for one function after the other.
    private sealed class FunctionCompiler(WasmModule module, VmLayout layout, ConstantTable?[] tables, CompileOptions options)
    {
        private readonly SsaFunction _ssa = new();
        private readonly MachineFunction _machine = new();
        private readonly Allocation.Allocation _allocation = new();
        private readonly FunctionTranslator _translator = new(module, layout, tables, options.Code);
        private readonly X64Selector _selector = new();
        private readonly X64Emitter _emitter = new();
        private readonly BundleAllocator _bundleAllocator = new();
        private readonly FastAllocator _fastAllocator = new();
        private readonly IPass[] _passes = Passes();
        private readonly bool _verify = options.Verify || CompileOptions.VerifyByEnvironment;

        public CodeBlob Compile(int body, FunctionFacts facts)
        {
            var function = new FuncIndex(module.ImportedFunctionCount + body);
            _translator.Translate(function, module.Bodies[body], facts, _ssa);
            Check("translation");
            options.Dump?.Ssa("ssa", _ssa);

            foreach (IPass pass in _passes)
            {
                pass.Run(_ssa);
                Check(pass.GetType().Name);
            }

            if (_verify)
            {
                SsaVerifier.VerifySplitEdges(_ssa);
            }

            options.Dump?.Ssa("opt", _ssa);

            _selector.Select(_ssa, _machine, module, layout, options.Code.Features);
            options.Dump?.Machine("select", _machine, null);

            Allocate();
            options.Dump?.Machine("alloc", _machine, _allocation);

            CodeBlob code = _emitter.Emit(_machine, _allocation, _selector, options.Code.Features);
            options.Dump?.Code("asm", _machine, _allocation, code, _emitter.Positions.Span);
            return code;
        }

        private void Allocate()
        {
            if (options.Allocator == AllocatorChoice.Fast || !_bundleAllocator.TryAllocate(_machine, _allocation))
            {
                _fastAllocator.Allocate(_machine, _allocation);
            }

            if (_verify)
            {
                AllocationChecker.Check(_machine, _allocation);
            }
        }

        private void Check(string after)
        {
            if (_verify)
            {
                SsaVerifier.Verify(_ssa, after, module);
            }
        }
    }
}
