using Iced.Intel;
using Wisp.Stacks;

namespace Wisp.Runtime.Tests.Stacks;

public sealed class StubTests
{
    private static readonly StubCode Code = StubWriter.Write(0x11223344, 0x55667788, new StubOptions(HasAvx: true, HasFastRepeat: true));

    [Fact]
    public void EveryByteDecodesToAnInstruction()
    {
        foreach ((Instruction instruction, string text) in Disassemble(0, Code.Bytes.Length))
        {
            Assert.False(instruction.IsInvalid, $"at {instruction.IP:x}: {text}");
        }
    }

    [Fact]
    public void EnterLoadsTheRegistersOfTheCallingConvention() => AssertStarts(
        Code.Enter,
        "push rbp", "push rbx", "push r12", "push r13", "push r14", "push r15", "sub rsp,8", "mov [rdi+8],rsp", "mov rbp,rdi",
        "mov rsp,[rdi+50h]", "mov r15,[rdi+48h]", "mov r10,[rdi+58h]", "mov rax,[rdi]", "mov [r15-10h],rdi", "mov [r15-8],rax",
        "mov r11,[rdi+40h]", "movups xmm0,[rdi+0C0h]", "movups xmm1,[rdi+0D0h]", "movups xmm2,[rdi+0E0h]", "movups xmm3,[rdi+0F0h]",
        "movups xmm4,[rdi+100h]", "movups xmm5,[rdi+110h]", "movups xmm6,[rdi+120h]", "movups xmm7,[rdi+130h]",
        "mov r9,[rdi+0B8h]", "mov r8,[rdi+0B0h]", "mov rcx,[rdi+0A8h]", "mov rdx,[rdi+0A0h]", "mov rsi,[rdi+98h]",
        "mov rdi,[rdi+90h]", "call r11");

    [Fact]
    public void ContextStubsCarryTheExecutionOver()
    {
        AssertStarts(
            Code.EnterContext,
            "mov r11,[r10+8]", "test r11,r11", "je *", "push rax", "mov rax,[r15-10h]", "mov r15,r11", "mov [r15-10h],rax",
            "mov rax,[rax]", "mov [r15-8],rax", "pop rax", "mov r11,[r10]", "ret");
        AssertStarts(
            Code.LeaveContext, "mov r11,[rbp-10h]", "mov [r15-10h],r11", "mov r11,[r11]", "mov [r15-8],r11", "ret");
    }

    [Fact]
    public void HostCallSwitchesToTheHostsStackBeforeItCalls()
    {
        string[] lines = [.. Disassemble(Code.HostCall, 400).Select(i => i.Text)];
        int call = Array.FindIndex(lines, static l => l.StartsWith("call", StringComparison.Ordinal));

        Assert.Equal("mov rsp,[rbx+8]", lines[call - 1]);
        Assert.Equal("call qword ptr [rbx+28h]", lines[call]);
    }

    [Fact]
    public void InterruptKeepsEveryRegister()
    {
        string[] lines = [.. Disassemble(Code.Interrupt, Code.EnterContext - Code.Interrupt).Select(i => i.Text)];
        foreach (string register in (string[])
            ["rax", "rcx", "rdx", "rbx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", .. Vectors()])
        {
            Assert.Contains(lines, l => l.StartsWith("mov", StringComparison.Ordinal) && l.EndsWith($"],{register}", StringComparison.Ordinal));
            Assert.Contains(lines, l => l.StartsWith($"mov {register},[rsp", StringComparison.Ordinal)
                || l.StartsWith($"movups {register},[rsp", StringComparison.Ordinal));
        }

        static IEnumerable<string> Vectors() => Enumerable.Range(0, 16).Select(i => $"xmm{i}");
    }

    [Fact]
    public void SignalHandlerPassesOtherFaultsOnWithTheirArgumentsUnchanged()
    {
        (Instruction Instruction, string Text)[] lines = [.. Disassemble(Code.SignalHandler, Code.Bytes.Length - Code.SignalHandler)];
        int jump = Array.FindIndex(lines, static l => l.Text == "jmp rax");

        Assert.True(jump > 0);
        var written = new InstructionInfoFactory();
        foreach ((Instruction instruction, string text) in lines[..jump])
        {
            foreach (UsedRegister used in written.GetInfo(instruction).GetUsedRegisters())
            {
                bool isWritten = used.Access is OpAccess.Write or OpAccess.ReadWrite or OpAccess.CondWrite;
                Assert.False(isWritten && used.Register.GetFullRegister() is Register.RDI or Register.RSI or Register.RDX, text);
            }
        }
    }

    private static void AssertStarts(int at, params string[] expected)
    {
        (Instruction, string Text)[] lines = [.. Disassemble(at, Code.Bytes.Length - at).Take(expected.Length)];
        for (int i = 0; i < expected.Length; i++)
        {
            if (expected[i].EndsWith('*'))
            {
                Assert.StartsWith(expected[i][..^1], lines[i].Text, StringComparison.Ordinal);
            }
            else
            {
                Assert.Equal(expected[i], lines[i].Text);
            }
        }
    }

    private static IEnumerable<(Instruction Instruction, string Text)> Disassemble(int at, int length)
    {
        var decoder = Decoder.Create(64, new ByteArrayCodeReader(Code.Bytes, at, Math.Min(length, Code.Bytes.Length - at)), (ulong)at);
        var formatter = new MasmFormatter();
        var output = new StringOutput();
        while (decoder.IP < (ulong)Math.Min(at + length, Code.Bytes.Length))
        {
            Instruction instruction = decoder.Decode();
            formatter.Format(instruction, output);
            yield return (instruction, output.ToStringAndReset());
        }
    }
}
