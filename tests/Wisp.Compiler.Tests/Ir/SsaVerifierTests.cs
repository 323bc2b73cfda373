using Wisp.Compiler.Ir;
using Wisp.Compiler.Optimization;
using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;
using Wisp.Wasm.Text;

namespace Wisp.Compiler.Tests.Ir;

public sealed class SsaVerifierTests
{
    private const string Sound = """
        block0(v0: i32, v1: i64):
            v2 = const.i32 1
            branch v0, block1(), block2()
        block1():
            v3 = add.i32 v0, v2
            jump block3(v3)
        block2():
            v4 = wrap.i32 v1
            jump block3(v4)
        block3(v5: i32):
            return(v5)
        """;

    [Fact]
    public void AcceptsASoundFunction() => SsaVerifier.Verify(SsaParser.Parse(Sound), "nothing");

    [Theory]
    [InlineData("return(v5)", "return(v3)", "does not dominate")]
    [InlineData("v3 = add.i32 v0, v2", "v3 = add.i32 v3, v2", "does not dominate")]
    [InlineData("jump block3(v3)", "jump block3()", "arguments")]
    [InlineData("jump block3(v3)", "jump block3(v3, v2)", "arguments")]
    [InlineData("jump block3(v3)", "jump block3(v1)", "another type")]
    [InlineData("add.i32 v0, v2", "add.i32 v0, v1", "of other types")]
    [InlineData("branch v0,", "branch v1,", "the condition is no i32")]
    [InlineData("v4 = wrap.i32 v1", "v4 = wrap.i32 v0", "wrap")]
    [InlineData("    return(v5)", "    v6 = const.i32 1", "terminator")]
    [InlineData("    v3 = add.i32 v0, v2", "    v3 = add.i32 v0, v2\n    return(v0)", "terminator")]
    [InlineData("v3 = add.i32 v0, v2", "v3 = load.i32 mem0 [v1]", "the address is no i32")]
    [InlineData("v3 = add.i32 v0, v2", "v3 = load_at.i32 mem0 [v0]", "the address is no i64")]
    [InlineData("v3 = add.i32 v0, v2", "v3 = compare.equal v0, v1", "two types")]
    [InlineData("v3 = add.i32 v0, v2", "v3 = select.i32 v0, v1, v2", "select")]
    [InlineData("branch v0, block1(), block2()", "branch v0, block1(), block1()", "cannot be reached")]
    [InlineData("v3 = add.i32 v0, v2", "v3 = clz.i32 v1", "Clz of another type")]
    [InlineData("v3 = add.i32 v0, v2", "v3 = f_add.i32 v0, v2", "FAdd of other types")]
    [InlineData("v3 = add.i32 v0, v2", "v3 = f_compare.less v0, v2", "FCompare of other types")]
    [InlineData("v3 = add.i32 v0, v2", "v3 = trunc_s.i32 v0", "not from a float to an integer")]
    [InlineData("v4 = wrap.i32 v1", "v4 = convert_s.i32 v1", "not from an integer to a float")]
    [InlineData("v4 = wrap.i32 v1", "v4 = reinterpret.i32 v1", "another size or class")]
    public void RefusesABrokenOne(string part, string broken, string message)
    {
        Assert.Contains(part, Sound, StringComparison.Ordinal);
        SsaFunction function = SsaParser.Parse(Sound.Replace(part, broken, StringComparison.Ordinal));

        CheckRefused(function, message);
    }

    [Fact]
    public void RefusesAUseOfAnInstructionThatMakesNoValue()
    {
        SsaFunction function = SsaParser.Parse(Sound);
        int constant = IndexOf(function, Op.Const);
        function.Insts[constant].Op = Op.StackCheck;
        function.Insts[constant].Type = SsaType.None;

        CheckRefused(function, "makes no value");
    }

    [Fact]
    public void RefusesAUseOfWhatNothingDefines()
    {
        SsaFunction function = SsaParser.Parse(Sound);
        function.Insts[IndexOf(function, Op.Const)].Op = Op.Nop;

        CheckRefused(function, "nothing defines");
    }

    [Fact]
    public void RefusesAnEntryThatIsNotFirst()
    {
        SsaFunction function = SsaParser.Parse(Sound);
        (function.Order[0], function.Order[1]) = (function.Order[1], function.Order[0]);

        CheckRefused(function, "block 0 is not first");
    }

    [Fact]
    public void RefusesAnEdgeToABlockThatIsNotInTheOrder()
    {
        SsaFunction function = SsaParser.Parse(Sound);
        function.Order.Resize(3);

        CheckRefused(function, "not in the order");
    }

    [Fact]
    public void RefusesAParameterOfTwoBlocks()
    {
        SsaFunction function = SsaParser.Parse(Sound);
        function.Blocks[3].ParamStart = function.Blocks[0].ParamStart;

        CheckRefused(function, "not a parameter of one block");
    }

    [Theory]
    [InlineData("call.i64 func0(v0, v1)", null)]
    [InlineData("call.i64 func0(v0)", "1 values instead of 2")]
    [InlineData("call.i64 func0(v1, v1)", "value 0 is of another type")]
    [InlineData("call.i32 func0(v0, v1)", "makes another type")]
    public void ChecksCallsAgainstTheModule(string call, string? message)
    {
        WasmModule module = Module;
        SsaFunction function = SsaParser.Parse($"""
            block0(v0: i32, v1: i64):
                v2 = {call} type0
                return(v1)
            """);
        function.Type = module.FunctionTypeAt(new TypeIndex(0));
        if (message is null)
        {
            SsaVerifier.Verify(function, "a test", module);
        }
        else
        {
            CheckRefused(function, message, module);
        }
    }

    [Theory]
    [InlineData("return(v0)", "value 0 is of another type")]
    [InlineData("return()", "0 values instead of 1")]
    [InlineData("return(v1, v1)", "2 values instead of 1")]
    public void ChecksReturnsAgainstTheFunction(string text, string message)
    {
        SsaFunction function = SsaParser.Parse($"block0(v0: i32, v1: i64):\n    {text}");
        function.Type = Module.FunctionTypeAt(new TypeIndex(0));
        CheckRefused(function, message, Module);
    }

    [Fact]
    public void RefusesACriticalEdge()
    {
        const string Critical = """
            block0(v0: i32):
                branch v0, block1(), block2()
            block1():
                jump block2()
            block2():
                return()
            """;
        SsaFunction function = SsaParser.Parse(Critical);
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => SsaVerifier.VerifySplitEdges(function));
        Assert.Contains("critical", error.Message, StringComparison.Ordinal);
        new CriticalEdges().Run(function);
        SsaVerifier.VerifySplitEdges(function);
    }

    private static WasmModule Module { get; } = ModuleDecoder.Decode(
        WatParser.ParseModule("(module (func (param i32 i64) (result i64) (local.get 1)))", "test"));

    private static int IndexOf(SsaFunction function, Op op)
    {
        int index = 0;
        while (function.Insts[index].Op != op)
        {
            index++;
        }

        return index;
    }

    private static void CheckRefused(SsaFunction function, string message, WasmModule? module = null)
    {
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => SsaVerifier.Verify(function, "a test", module));

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains("after a test", error.Message, StringComparison.Ordinal);
    }
}
