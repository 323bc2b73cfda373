using Wisp.Compiler.Machine;
using Wisp.Compiler.Tests.Allocation;

namespace Wisp.Compiler.Tests.Machine;

public sealed class MachineTextTests
{
    private readonly AnyOpNames _names = new();
    private readonly MachineFunction _function = new() { AllocatableRegisters = RandomMachineFunction.Allocatable };

    [Fact]
    public void PrintsWhatItParsed()
    {
        const string Text = """
            block0:
                args =v0:i@rdi, =v1:f@xmm0
                seven.const =v2:i {size=4 imm=-7}
                jump -> block1(v0, v1)
            block1(v3:i, v4:f): depth 1 header
                copy.move v3?, =v5:i?
                add v5, v2!, =v6:i~0 {size=8}
                load v6, =v7:v! {base=0 scale=3 disp=16 trap=2 source=99}
                call.call v6@rdi, =v8:i@rax clobbers rax, rcx, xmm0
                branch v8 {cond=4} -> block2, block3(v4)
            block2: depth 1 cold
                jump -> block1(v6, v4)
            block3(v9:f):
                return v9@xmm0

            """;
        MachineParser.Parse(Text, _names, _function);
        MachineVerifier.Verify(_function);
        Assert.Equal(Text, MachinePrinter.Print(_function, _names));
    }

    [Fact]
    public void RandomFunctionsSurviveTextAndBack()
    {
        for (int seed = 0; seed < 50; seed++)
        {
            MachineFunction original = RandomMachineFunction.Make(seed);
            string text = MachinePrinter.Print(original, _names);
            MachineParser.Parse(text, _names, _function);
            Assert.Equal(text, MachinePrinter.Print(_function, _names));
            Assert.Equal(original.Insts.Count, _function.Insts.Count);
        }
    }

    [Theory]
    [InlineData("block1:\n  ret", "line 1, column 7: expected block0 comes next, not block1")]
    [InlineData("block0:\n  add v0@foo", "line 2, column 13: expected a register")]
    [InlineData("block0:\n  jump -> block7", "line 2: block7 does not exist")]
    [InlineData("add v0", "line 1, column 1: expected an instruction outside of a block")]
    public void SaysWhereTheTextIsWrong(string text, string message)
    {
        FormatException fault = Assert.Throws<FormatException>(() => MachineParser.Parse(text, _names, _function));
        Assert.Equal(message, fault.Message);
    }

    [Theory]
    [InlineData("block0:\n ret v0", "used where it is not defined")]
    [InlineData("block0:\n a =v0:i\n b =v0:i\n ret", "defined twice")]
    [InlineData("block0:\n a =v0:i\n b v0 -> block1, block1\nblock1:\n ret v0", "is critical")]
    [InlineData("block0:\n a =v0:i\n b v0 -> block1\nblock1:\n ret v0", "a terminator with one successor has operands")]
    [InlineData("block0:\n a =v0:i\n b -> block1\nblock1(v1:f, v2:i):\n ret", "0 arguments for block1, which takes 2")]
    [InlineData("block0:\n a =v0:i@rsp\n ret", "not for allocation")]
    [InlineData("block0:\n a =v0:i, =v1:i\n b v0@rax, v1@rax\n ret", "want rax")]
    [InlineData("block0:\n a =v0:i\n b v0!, =v1:i~0\n ret", "not to an early use")]
    public void VerifierRefuses(string text, string message)
    {
        MachineParser.Parse(text, _names, _function);
        InvalidOperationException fault = Assert.Throws<InvalidOperationException>(() => MachineVerifier.Verify(_function));
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }
}
