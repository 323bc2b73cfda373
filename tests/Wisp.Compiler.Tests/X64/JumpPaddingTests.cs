using Iced.Intel;
using Wisp.Abi;
using Wisp.Compiler.Emission;
using Wisp.Wasm;
using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;
using Wisp.Wasm.Text.Scripts;
using Wisp.Wasm.Validation;

namespace Wisp.Compiler.Tests.X64;

// Where jumps lie in code for processors with the jump erratum. This processor need not have it: the code says where they lie.
public sealed class JumpPaddingTests
{
    private const ulong Block = 32;
    private const CpuFeatures All =
        CpuFeatures.Lzcnt | CpuFeatures.Bmi1 | CpuFeatures.Bmi2 | CpuFeatures.Avx | CpuFeatures.Avx2 | CpuFeatures.Fma;

    [Theory]
    [InlineData(CpuFeatures.PaddedJumps)]
    [InlineData(CpuFeatures.PaddedJumps | All)]
    public void NoJumpOfTheSuiteCrossesOrEndsABlock(object features)
    {
        int jumps = 0;
        int moved = 0;
        foreach (string file in Suites.Files("testsuite", "*.wast"))
        {
            foreach (ModuleDirective directive in ScriptReader.Read(file, File.ReadAllBytes(file)).OfType<ModuleDirective>())
            {
                foreach (CodeBlob blob in Compile(directive.Module.Encode, (CpuFeatures)features))
                {
                    Check(blob, Path.GetFileName(file), ref jumps, ref moved);
                }
            }
        }

        Assert.True(jumps > 10_000, $"{jumps}");
        Assert.True(moved > 100, $"{moved}");
    }

    [Fact]
    public void NoJumpOfTheKernelsCrossesOrEndsABlock()
    {
        int jumps = 0;
        int moved = 0;
        foreach (string file in Suites.Kernels())
        {
            foreach (CodeBlob blob in Compile(() => File.ReadAllBytes(file), CpuFeatures.PaddedJumps | All))
            {
                Check(blob, Path.GetFileName(file), ref jumps, ref moved);
            }
        }

        Assert.True(jumps > 500, $"{jumps}");
        Assert.True(moved > 10, $"{moved}");
    }

    [Fact]
    public void WithoutTheFeatureSomeDo()
    {
        int bad = 0;
        foreach (string file in Suites.Kernels())
        {
            foreach (CodeBlob blob in Compile(() => File.ReadAllBytes(file), All))
            {
                bad += Jumps(blob).Count(jump => !LiesWell(jump.Start, jump.End));
            }
        }

        Assert.True(bad > 10, $"{bad}");
    }

    // Nothing, of what this engine does not know or compile.
    private static CodeBlob[] Compile(Func<byte[]> wasm, CpuFeatures features)
    {
        WasmModule module;
        ModuleFacts facts;
        try
        {
            module = ModuleDecoder.Decode(wasm());
            facts = ModuleValidator.Validate(module);
        }
        catch (WasmException)
        {
            return [];
        }

        try
        {
            return CompilePipeline.Compile(module, facts, new CompileOptions(new CodeOptions(features, BoundsMode.Guarded))).Functions;
        }
        catch (CompileException)
        {
            return [];
        }
    }

    private static void Check(CodeBlob blob, string name, ref int jumps, ref int moved)
    {
        Assert.True(blob.Alignment % (int)Block == 0, $"{name}: a function starts in the middle of a block");
        foreach ((ulong start, ulong end, bool isMoved) in Jumps(blob))
        {
            Assert.True(LiesWell(start, end), $"{name}: a jump from {start:x} to {end:x}");
            jumps++;
            moved += isMoved ? 1 : 0;
        }

        HashSet<ulong> starts = [.. Read(blob).Select(i => i.IP)];
        Assert.All(blob.Traps, trap => Assert.True(starts.Contains((ulong)trap.CodeOffset), $"{name}: trap at {trap.CodeOffset:x}"));
        Assert.All(blob.Calls, call => Assert.True(starts.Contains((ulong)call.CodeOffset), $"{name}: call to {call.CodeOffset:x}"));
    }

    private static bool LiesWell(ulong start, ulong end) => start / Block == end / Block;

    // Every jump with the comparison that processors join with it, and whether padding stands before.
    private static IEnumerable<(ulong Start, ulong End, bool IsMoved)> Jumps(CodeBlob blob)
    {
        Iced.Intel.Instruction previous = default;
        Iced.Intel.Instruction beforePrevious = default;
        foreach (Iced.Intel.Instruction read in Read(blob))
        {
            if (read.FlowControl is not (FlowControl.Next or FlowControl.Exception or FlowControl.Interrupt))
            {
                bool isPair = read.FlowControl == FlowControl.ConditionalBranch && CanBeJoined(previous);
                yield return (isPair ? previous.IP : read.IP, read.NextIP, (isPair ? beforePrevious : previous).Mnemonic == Mnemonic.Nop);
            }

            beforePrevious = previous;
            previous = read;
        }
    }

    private static bool CanBeJoined(in Iced.Intel.Instruction instruction) =>
        instruction.Mnemonic is Mnemonic.Cmp or Mnemonic.Test or Mnemonic.And or Mnemonic.Add or Mnemonic.Sub or Mnemonic.Inc or Mnemonic.Dec;

    // Code comes first; tables and constants follow, from the first place that it addresses relative to rip.
    private static IEnumerable<Iced.Intel.Instruction> Read(CodeBlob blob)
    {
        ulong end = (ulong)blob.Code.Length;
        var decoder = Iced.Intel.Decoder.Create(64, new ByteArrayCodeReader(blob.Code));
        while (decoder.IP < end)
        {
            Iced.Intel.Instruction read = decoder.Decode();
            if (read.IsIPRelativeMemoryOperand)
            {
                end = Math.Min(end, read.IPRelativeMemoryAddress);
            }

            yield return read;
        }
    }
}
