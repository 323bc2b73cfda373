using System.Text;
using Iced.Intel;
using Wisp.Abi;
using Wisp.Abi.Images;
using Wisp.Compiler.Emission;
using Wisp.Compiler.X64;
using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;
using Wisp.Wasm.Text;
using Wisp.Wasm.Validation;

namespace Wisp.Compiler.Tests.X64;

// Where loops lie in the lines of the instruction cache.
public sealed class LoopAlignmentTests
{
    private const ulong Line = 64;

    // The code before the loop grows by a few bytes each time, so that most places in a line come up.
    [Fact]
    public void SmallLoopLiesInOneLine()
    {
        int padded = 0;
        for (int before = 0; before < 40; before++)
        {
            CodeBlob blob = Compile($"""
                (module (memory 1) (func (export "f") (param i32 i32)
                  {Stores(before)}
                  (loop $l
                    (i32.store8 (local.get 0) (i32.const 0))
                    (br_if $l (i32.lt_u (local.tee 0 (i32.add (local.get 0) (local.get 1))) (i32.const 8193))))))
                """);
            (ulong start, ulong end) = Assert.Single(Loops(blob));
            Assert.Equal(64, blob.Alignment);
            Assert.InRange(end - start, 1ul, Line);
            Assert.Equal(start / Line, (end - 1) / Line);
            padded += Contains(blob, Mnemonic.Nop) ? 1 : 0;
        }

        Assert.InRange(padded, 1, 39);   // some lay well without
    }

    [Fact]
    public void LargeLoopTakesNoPadding()
    {
        CodeBlob blob = Compile($"""
            (module (memory 1) (func (export "f") (param i32)
              {Stores(3)}
              (loop $l
                {Stores(60)}
                (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))
            """);
        Assert.Single(Loops(blob));
        Assert.Equal(ImageFormat.FunctionAlignment, blob.Alignment);
        Assert.False(Contains(blob, Mnemonic.Nop));
    }

    // The outer loop is small as well, but what runs most is the inner one.
    [Fact]
    public void OnlyTheInnermostLoopIsPlaced()
    {
        for (int before = 0; before < 20; before++)
        {
            CodeBlob blob = Compile($"""
                (module (memory 1) (func (export "f") (param i32 i32 i32)
                  {Stores(before)}
                  (loop $outer
                    (local.set 1 (local.get 2))
                    (loop $inner
                      (i32.store (local.get 1) (local.get 0))
                      (br_if $inner (local.tee 1 (i32.sub (local.get 1) (i32.const 4)))))
                    (br_if $outer (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))
                """);
            List<(ulong Start, ulong End)> loops = Loops(blob);
            Assert.Equal(2, loops.Count);
            (ulong start, ulong end) = loops.MinBy(loop => loop.End - loop.Start);
            Assert.Equal(start / Line, (end - 1) / Line);
        }
    }

    [Fact]
    public void NopsHaveTheLengthAskedFor()
    {
        for (int bytes = 1; bytes <= X64Assembler.LongestNop; bytes++)
        {
            var assembler = new X64Assembler();
            assembler.Nop(bytes);
            var decoder = Iced.Intel.Decoder.Create(64, new ByteArrayCodeReader(assembler.Bytes.ToArray()));
            Iced.Intel.Instruction read = decoder.Decode();
            Assert.Equal(bytes, read.Length);
            Assert.Equal(Mnemonic.Nop, read.Mnemonic);
        }
    }

    private static string Stores(int count)
    {
        var text = new StringBuilder();
        for (int i = 0; i < count; i++)
        {
            text.Append("(i32.store8 (i32.const ").Append(i).Append(") (i32.const 1))");
        }

        return text.ToString();
    }

    private static CodeBlob Compile(string wat)
    {
        WasmModule module = ModuleDecoder.Decode(WatParser.ParseModule(wat, "test"));
        var options = new CompileOptions(new CodeOptions(CpuFeatures.None, BoundsMode.Guarded)) { Verify = true };
        return Assert.Single(CompilePipeline.Compile(module, ModuleValidator.Validate(module), options).Functions);
    }

    // Conditional jumps back, each with the place it leads to: loops whose test is at their end.
    private static List<(ulong Start, ulong End)> Loops(CodeBlob blob) =>
    [
        .. Read(blob)
            .Where(i => i.FlowControl == FlowControl.ConditionalBranch && i.NearBranchTarget < i.IP)
            .Select(i => (i.NearBranchTarget, i.NextIP)),
    ];

    private static bool Contains(CodeBlob blob, Mnemonic mnemonic) => Read(blob).Any(i => i.Mnemonic == mnemonic);

    private static IEnumerable<Iced.Intel.Instruction> Read(CodeBlob blob)
    {
        var decoder = Iced.Intel.Decoder.Create(64, new ByteArrayCodeReader(blob.Code));
        while (decoder.IP < (ulong)blob.Code.Length)
        {
            yield return decoder.Decode();
        }
    }
}
