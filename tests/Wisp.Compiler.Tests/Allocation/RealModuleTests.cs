using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using Wisp.Abi;
using Wisp.Compiler.Allocation;
using Wisp.Compiler.Ir;
using Wisp.Compiler.Machine;
using Wisp.Compiler.Optimization;
using Wisp.Compiler.Translation;
using Wisp.Compiler.X64;
using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;
using Wisp.Wasm.Validation;

namespace Wisp.Compiler.Tests.Allocation;

/// <summary>
/// Functions of real programs through the bundle allocator, proved by the checker. The normal run takes the small modules;
/// WISP_ALLOC_MODULES=name,... takes those whose path contains a name, whatever their size.
/// </summary>
public sealed class RealModuleTests(ITestOutputHelper output)
{
    private const int MaxBytes = 21_000;

    private readonly SsaFunction _ssa = new();
    private readonly MachineFunction _machine = new();
    private readonly Compiler.Allocation.Allocation _allocation = new();
    private readonly IPass[] _passes = CompilePipeline.Passes();
    private readonly X64Selector _selector = new();
    private readonly BundleAllocator _bundle = new();
    private readonly FastAllocator _fast = new();

    [Fact]
    public void EveryFunctionOfSmallRealModulesIsAllocatedRightly()
    {
        string[]? names = Environment.GetEnvironmentVariable("WISP_ALLOC_MODULES")?.Split(',');
        int functions = 0;
        foreach (string file in Modules())
        {
            bool wanted = names is null
                ? new FileInfo(file).Length <= MaxBytes
                : Array.Exists(names, name => file.Contains(name, StringComparison.Ordinal));
            functions += wanted ? Allocate(file, names is not null) : 0;
        }

        output.WriteLine($"{functions} functions");
        Assert.True(functions > 100);
    }

    private int Allocate(string file, bool report)
    {
        WasmModule module = ModuleDecoder.Decode(File.ReadAllBytes(file));
        ModuleFacts facts = ModuleValidator.Validate(module);
        var layout = new VmLayout(module, facts.EscapingFunctions);
        int done = 0;
        long insts = 0;
        var bundleCost = new Cost();
        var fastCost = new Cost();
        var bundleTime = new Stopwatch();
        var fastTime = new Stopwatch();
        var frontTime = new Stopwatch();
        for (int body = 0; body < module.Bodies.Length; body++)
        {
            try
            {
                var function = new FuncIndex(module.ImportedFunctionCount + body);
                frontTime.Start();
                var translator = new FunctionTranslator(module, layout, ConstantTable.OfModule(module, facts), new CodeOptions());
                translator.Translate(function, module.Bodies[body], facts.Functions[body], _ssa);
                foreach (IPass pass in _passes)
                {
                    pass.Run(_ssa);
                }

                _selector.Select(_ssa, _machine, module, layout);
                frontTime.Stop();
            }
            catch (UnsupportedFeatureException)
            {
                frontTime.Stop();
                continue;
            }

            MachineVerifier.Verify(_machine);
            fastTime.Start();
            _fast.Allocate(_machine, _allocation);
            fastTime.Stop();
            fastCost.Add(_machine, _allocation);
            bundleTime.Start();
            bool within = _bundle.TryAllocate(_machine, _allocation);
            bundleTime.Stop();
            if (!within)
            {
                output.WriteLine($"{Path.GetFileName(file)}: function {body} exceeds the budget");
                continue;
            }

            AllocationChecker.Check(_machine, _allocation);
            insts += _machine.Insts.Count;
            bundleCost.Add(_machine, _allocation);
            Dump(file, body);
            done++;
        }

        if (report)
        {
            output.WriteLine($"{Path.GetFileName(Path.GetDirectoryName(file))} {Path.GetFileName(file)}: {done} functions, {insts} instructions; ms: front "
                + $"{frontTime.ElapsedMilliseconds}, bundle {bundleTime.ElapsedMilliseconds}, fast {fastTime.ElapsedMilliseconds};"
                + $" per 1000: bundle {bundleCost.PerThousand()}; fast {fastCost.PerThousand()}");
        }

        return done;
    }

    private void Dump(string file, int body)
    {
        if (Environment.GetEnvironmentVariable("WISP_ALLOC_DUMP") is { } folder)
        {
            string module = $"{Path.GetFileName(Path.GetDirectoryName(file))}-{Path.GetFileNameWithoutExtension(file)}";
            string name = module + "-" + body.ToString(CultureInfo.InvariantCulture);
            File.WriteAllText(Path.Combine(folder, name), MachinePrinter.Print(_machine, new X64OpNames(), _allocation));
        }
    }

    private static IEnumerable<string> Modules()
    {
        string folder = Environment.GetEnvironmentVariable("WISP_SUITES") ?? Path.Combine(Root(), "..", "shared", "suites");
        string bench = Path.Combine(folder, "bench");
        if (!Directory.Exists(bench))
        {
            Assert.Skip($"no modules under {bench}; set WISP_SUITES");
        }

        return Directory.EnumerateFiles(bench, "*.wasm", SearchOption.AllDirectories).Order(StringComparer.Ordinal);
    }

    private static string Root([CallerFilePath] string path = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "..", "..", ".."));

    /// <summary>What edits cost, weighted by how often their blocks run, in relation to the instructions.</summary>
    private sealed class Cost
    {
        private double _insts;
        private double _loads;
        private double _stores;
        private double _moves;
        private double _constants;
        private double _memory;

        public void Add(MachineFunction function, Compiler.Allocation.Allocation allocation)
        {
            int edit = 0;
            for (int b = 0; b < function.Blocks.Count; b++)
            {
                MachineBlock block = function.Blocks[b];
                double frequency = Math.Pow(10, Math.Min(block.LoopDepth, 6)) * (block.IsCold ? 0.01 : 1);
                _insts += frequency * (block.End - block.First);
                foreach (ref readonly MachineInst inst in function.Insts.Span[block.First..block.End])
                {
                    foreach (Location place in allocation.Locations.Span.Slice(inst.OperandStart, inst.OperandCount))
                    {
                        _memory += place.IsSlot ? frequency : 0;
                    }
                }

                for (; edit < allocation.Edits.Count && allocation.Edits[edit].Before < block.End; edit++)
                {
                    Edit current = allocation.Edits[edit];
                    _loads += current.From.IsSlot ? frequency : 0;
                    _stores += current.To.IsSlot ? frequency : 0;
                    _moves += current.From.IsRegister && current.To.IsRegister ? frequency : 0;
                    _constants += current.From == Location.None ? frequency : 0;
                }
            }
        }

        public string PerThousand() =>
            $"loads {1000 * _loads / _insts:F0} stores {1000 * _stores / _insts:F0} moves {1000 * _moves / _insts:F0} constants {1000 * _constants / _insts:F0}"
                + $" operands {1000 * _memory / _insts:F0}";
    }
}
