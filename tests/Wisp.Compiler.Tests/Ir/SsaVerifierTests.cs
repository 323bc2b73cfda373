using Wisp.Compiler.Ir;

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

    private static int IndexOf(SsaFunction function, Op op)
    {
        int index = 0;
        while (function.Insts[index].Op != op)
        {
            index++;
        }

        return index;
    }

    private static void CheckRefused(SsaFunction function, string message)
    {
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => SsaVerifier.Verify(function, "a test"));

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains("after a test", error.Message, StringComparison.Ordinal);
    }
}
