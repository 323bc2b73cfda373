using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;
using Wisp.Wasm.Text;
using Wisp.Wasm.Validation;

namespace Wisp.Wasm.Tests.Validation;

// The suite's cases are in SuiteValidationTests; here is what it does not look at.
public sealed class ModuleValidatorTests
{
    [Fact]
    public void OffsetIsThatOfTheBadInstruction()
    {
        byte[] bytes = WatParser.ParseModule("(func (result i32) (drop (i32.const 1)) (i64.const 2) (i32.eqz))");
        InvalidModuleException fault = Refused(bytes);
        Assert.Equal(0x45, bytes[fault.Offset]);
        Assert.Equal($"type mismatch: instruction requires [i32] but stack has [i64] at offset 0x{fault.Offset:x}", fault.Message);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void FirstBadFunctionIsReportedHoweverManyThreadsLook(int threads)
    {
        string good = string.Concat(Enumerable.Repeat("(drop (i32.add (i32.const 1) (i32.const 2)))", 50));
        string[] functions = [.. Enumerable.Repeat($"(func {good})", 2000)];
        functions[777] = "(func (drop (f32.const 0)) (i32.add))";
        functions[778] = "(func (i64.add))";
        functions[1500] = "(func (local.get 5))";
        WasmModule module = ModuleDecoder.Decode(WatParser.ParseModule(string.Concat(functions)));
        InvalidModuleException fault = Assert.Throws<InvalidModuleException>(() => ModuleValidator.Validate(module, threads));
        Assert.InRange(fault.Offset, module.Bodies[777].Offset, module.Bodies[777].Offset + module.Bodies[777].Length);
    }

    [Fact]
    public void MalformedBodyWinsOverAnInvalidOneBeforeIt()
    {
        byte[] bytes = WatParser.ParseModule("(func (i32.add)) (func (nop))");
        WasmModule module = ModuleDecoder.Decode(bytes);
        bytes[module.Bodies[1].Offset] = 0xff;
        MalformedModuleException fault = Assert.Throws<MalformedModuleException>(() => ModuleValidator.Validate(module));
        Assert.StartsWith("illegal opcode ff", fault.Message, StringComparison.Ordinal);
        Assert.Equal(module.Bodies[1].Offset, fault.Offset);
    }

    [Theory]
    [InlineData("(func (local (ref func)) (block (local.set 0 (ref.func 0))) (drop (local.get 0))) (elem declare func 0)")]
    [InlineData("(func (local (ref func)) (if (i32.const 0) (then (local.set 0 (ref.func 0))) (else (drop (local.get 0))))) (elem declare func 0)")]
    public void InitializationOfALocalEndsWithItsBlock(string wat) =>
        Assert.StartsWith("uninitialized local 0", Refused(WatParser.ParseModule(wat)).Message, StringComparison.Ordinal);

    [Fact]
    public void LocalsPastTheDirectOnesKeepTheirTypes()
    {
        string runs = string.Join(' ', Enumerable.Repeat("i32", 300)) + " i64 f32 " + string.Join(' ', Enumerable.Repeat("f64", 300));
        string body = "(drop (i32.eqz (local.get 299))) (drop (i64.eqz (local.get 300))) (drop (f32.abs (local.get 301)))"
            + "(drop (f64.abs (local.get 302))) (drop (f64.abs (local.get 601)))";
        Assert.Equal(602, Valid($"(func (local {runs}) {body})").Functions[0].LocalCount);
        Refused(WatParser.ParseModule($"(func (local {runs}) (drop (i64.eqz (local.get 299))))"));
        Refused(WatParser.ParseModule($"(func (local {runs}) (drop (local.get 602)))"));
    }

    [Fact]
    public void ReferenceOfUnknownTypeIsStillNoNumber()
    {
        Valid("(func unreachable ref.as_non_null drop)");
        Valid("(func unreachable ref.as_non_null any.convert_extern drop)");
        Refused(WatParser.ParseModule("(func unreachable ref.as_non_null i32.eqz drop)"));
    }

    // Found by fuzzing: the initial value of a table may read an imported global, whose type was only checked later.
    [Theory]
    [InlineData("(import \"m\" \"g\" (global (ref 9))) (table 1 (ref func) (global.get 0))")]
    [InlineData("(import \"m\" \"t\" (table 1 (ref 9))) (elem (table 0) (i32.const 0) (ref null 7))")]
    [InlineData("(global (ref 9) (global.get 0))")]
    public void TypesOfEntitiesExistBeforeTheyAreCompared(string wat) =>
        Assert.StartsWith("unknown type", Refused(WatParser.ParseModule(wat)).Message, StringComparison.Ordinal);

    [Fact]
    public void NamesFromTheGuestAreEscapedAndCut()
    {
        string name = "\\n" + new string('x', 5000);
        InvalidModuleException fault = Refused(WatParser.ParseModule($"(func (export \"{name}\")) (func (export \"{name}\"))"));
        Assert.StartsWith("duplicate export name \"\\u{a}xxx", fault.Message, StringComparison.Ordinal);
        Assert.InRange(fault.Message.Length, 200, 300);
    }

    private static ModuleFacts Valid(string wat) => ModuleValidator.Validate(ModuleDecoder.Decode(WatParser.ParseModule(wat)));

    private static InvalidModuleException Refused(byte[] bytes) =>
        Assert.Throws<InvalidModuleException>(() => ModuleValidator.Validate(ModuleDecoder.Decode(bytes)));
}
