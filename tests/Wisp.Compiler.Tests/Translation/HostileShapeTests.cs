using System.Text;
using Wisp.Abi;
using Wisp.Compiler.Ir;
using Wisp.Compiler.Optimization;
using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;
using Wisp.Wasm.Text;
using Wisp.Wasm.Validation;

namespace Wisp.Compiler.Tests.Translation;

/// <summary>Functions made to cost much: the whole way ends, and what construction makes grows with the input.</summary>
public sealed class HostileShapeTests
{
    private const double Growth = 2.5;

    [Fact]
    public void DeeplyNestedBlocks() => Check(25_000, n =>
        Repeat("block\n", n) + "local.get 0\nbr_if 0\n" + Repeat("end\n", n) + "local.get 0\n");

    [Fact]
    public void DeeplyNestedLoops() => Check(2_000, n =>
        Repeat("loop\n", n) + "local.get 0\nlocal.set 1\nlocal.get 1\nbr_if 0\n" + Repeat("end\n", n) + "local.get 1\n");

    // Each read starts one loop further out and no loop writes the local. Walking all the way each time would be 800 million steps.
    [Fact]
    public void ReadsBehindEveryEndOfDeeplyNestedLoopsStayInTheBudget()
    {
        byte[] wasm = WatParser.ParseModule(
            $"(module (func (param i32 i32) (result i32) {Repeat("loop\n", 40_000)}{Repeat("local.get 0\nbr_if 0\nend\n", 40_000)}local.get 0))");

        Assert.Single(Translations.Functions(wasm, verify: false));
    }

    [Fact]
    public void DeeplyNestedIfs() => Check(5_000, n =>
        Repeat("local.get 0\nif (result i32)\n", n) + "i32.const 1\n" + Repeat("else\nlocal.get 1\nend\n", n));

    [Fact]
    public void BranchesFromAChainOfBlocksToOneEnd() => Check(10_000, n =>
        "block\n" + Repeat("local.get 0\nlocal.tee 1\nbr_if 0\n", n) + "end\nlocal.get 1\n");

    [Fact]
    public void ReadsAtTheEndOfALongChain() => Check(1_000, n =>
        "block\n" + Repeat("local.get 0\nbr_if 0\n", n) + "end\n"
        + string.Concat(Enumerable.Range(0, n).Select(i => $"local.get {2 + i}\ndrop\n")) + "local.get 0\n", locals: n => n);

    [Fact]
    public void GiantBranchTable() => Check(20_000, n =>
        "block\nblock\nlocal.get 0\nbr_table " + Repeat("0 1 ", n / 2) + "1\nend\ni32.const 5\nlocal.set 1\nend\nlocal.get 1\n");

    [Fact]
    public void ManyLocals() => Check(12_000, n =>
        string.Concat(Enumerable.Range(2, n).Select(i => $"local.get {i - 1}\ni32.const 3\ni32.add\nlocal.set {i}\n"))
        + $"local.get {n + 1}\n", locals: n => n + 2);

    [Fact]
    public void ManyValuesLiveAtOnce() => Check(4_000, n =>
        Repeat("local.get 0\ni32.load\n", n) + Repeat("i32.add\n", n - 1));

    [Fact]
    public void ManyValuesLiveAcrossALoop() => Check(1_000, n =>
        Repeat("local.get 0\ni32.load\n", n) + "loop\nlocal.get 1\nbr_if 0\nend\n" + Repeat("i32.add\n", n - 1));

    [Fact]
    public void LocalsByTheThousandWrittenBetweenBranchesByTheThousandAreRefused()
    {
        IEnumerable<int> locals = Enumerable.Range(2, 2_000);
        CompileBudgetException error = Assert.Throws<CompileBudgetException>(() => Compile(
            $"(module (func (param i32 i32) (result i32) (local {Repeat("i32 ", 2_000)}) block "
            + string.Concat(locals.Select(i => $"local.get 0 local.set {i} local.get 0 br_if 0\n")) + "end local.get 0 "
            + string.Concat(locals.Select(i => $"local.get {i} i32.add\n")) + "))"));

        Assert.Equal("function 0 is too large to compile: more than 1000000 block arguments", error.Message);
    }

    [Fact]
    public void ResultsByTheMillionAreRefused()
    {
        string results = Repeat("i32 ", 1000);
        CompileBudgetException error = Assert.Throws<CompileBudgetException>(() => Compile(
            $"(module (func (param i32 i32) (result i32) {Repeat("block call 1 br 0 end\n", 5_000)} unreachable)\n(func (result {results}) unreachable))"));

        Assert.Equal("function 0 is too large to compile: more than 4000000 instructions", error.Message);
    }

    [Fact]
    public void ArgumentsByTheMillionAreRefused()
    {
        string results = Repeat("i32 ", 1000);
        CompileBudgetException error = Assert.Throws<CompileBudgetException>(() => Compile(
            $"(module (func (param i32 i32) (result i32) (block (result {results}) call 1\n local.get 0\n br_table {Repeat("0 ", 2_000)})"
            + $" unreachable)\n(func (result {results}) unreachable))"));

        Assert.Equal("function 0 is too large to compile: more than 1000000 block arguments", error.Message);
    }

    // The small size runs all phases; the growth is that of construction and the passes.
    private static void Check(int n, Func<int, string> body, Func<int, int>? locals = null)
    {
        string Module(int size) =>
            $"(module (memory 1) (func (param i32 i32) (result i32) (local {Repeat("i32 ", locals?.Invoke(size) ?? 0)})\n{body(size)}))";

        Compile(Module(n));
        (long small, long smallArguments) = Measure(Module(n));
        (long large, long largeArguments) = Measure(Module(2 * n));
        Assert.InRange(large, small, small * Growth);
        Assert.InRange(largeArguments, smallArguments, Math.Max(64, smallArguments * Growth));
    }

    private static (long Insts, long Arguments) Measure(string wat)
    {
        foreach ((_, SsaFunction function) in Translations.Functions(WatParser.ParseModule(wat), verify: false))
        {
            foreach (IPass pass in CompilePipeline.Passes())
            {
                pass.Run(function);
            }

            return (function.Insts.Count + function.Blocks.Count, function.Lists.Count + function.Edges.Count);
        }

        throw new InvalidOperationException("no function");
    }

    private static void Compile(string wat)
    {
        WasmModule module = ModuleDecoder.Decode(WatParser.ParseModule(wat));
        ModuleFacts facts = ModuleValidator.Validate(module);
        CompilePipeline.Compile(module, facts, new CompileOptions(new CodeOptions(default, BoundsMode.Guarded)) { Parallelism = 1 });
    }

    private static string Repeat(string text, int count) => new StringBuilder(text.Length * count).Insert(0, text, count).ToString();
}
