using System.Diagnostics;
using System.Runtime.CompilerServices;
using Wisp.Abi;
using Wisp.Compiler.Allocation;
using Wisp.Compiler.Ir;
using Wisp.Compiler.Machine;
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
    private const int MaxBytes = 45_000;

    private readonly SsaFunction _ssa = new();
    private readonly MachineFunction _machine = new();
    private readonly Compiler.Allocation.Allocation _allocation = new();
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
        long edits = 0;
        long fastEdits = 0;
        var bundleTime = new Stopwatch();
        var fastTime = new Stopwatch();
        var frontTime = new Stopwatch();
        for (int body = 0; body < module.Bodies.Length; body++)
        {
            try
            {
                var function = new FuncIndex(module.ImportedFunctionCount + body);
                frontTime.Start();
                var translator = new FunctionTranslator(_ssa, module, layout, new CodeOptions());
                translator.Translate(function, module.Bodies[body], facts.Functions[body]);
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
            fastEdits += _allocation.Edits.Count;
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
            edits += _allocation.Edits.Count;
            done++;
        }

        if (report)
        {
            output.WriteLine($"{file}: {done} functions, {insts} instructions, {edits} edits (fast {fastEdits}), "
                + $"front {frontTime.ElapsedMilliseconds} ms, bundle {bundleTime.ElapsedMilliseconds} ms, fast {fastTime.ElapsedMilliseconds} ms");
        }

        return done;
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
}
