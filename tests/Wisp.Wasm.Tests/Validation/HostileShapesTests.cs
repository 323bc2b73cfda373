using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;
using Wisp.Wasm.Validation;

namespace Wisp.Wasm.Tests.Validation;

/// <summary>
/// Modules of a megabyte or two whose shape makes careless algorithms quadratic. Linear ones take milliseconds, others minutes, so a
/// mistake shows without a clock in the test.
/// </summary>
public sealed class HostileShapesTests
{
    private const byte I32 = 0x7f;

    [Fact]
    public void DeepNestOfBlocks()
    {
        const int Depth = 1_000_000;
        byte[] body = [.. Repeat([0x02, 0x40], Depth), .. Repeat([0x0b], Depth), 0x0b];
        Assert.Equal(Depth + 1, Validate([0], body).Functions[0].MaxControlDepth);
    }

    [Fact]
    public void DeepNestOfLoopsThatEachWriteAnotherLocal()
    {
        // Listing the writes of each loop takes depth squared / 2 entries.
        const int Depth = 20_000;
        byte[][] loops = [.. Enumerable.Range(0, Depth).Select(i => (byte[])[0x03, 0x40, 0x41, 0, 0x21, .. Leb(i)])];
        byte[] body = [.. loops.SelectMany(loop => loop), .. Repeat([0x0b], Depth), 0x0b];
        FunctionFacts facts = Validate([1, .. Leb(Depth), I32], body).Functions[0];
        Assert.Equal(Depth, facts.LoopCount);
        long listed = Enumerable.Range(0, Depth).Sum(loop => (long)facts.LocalsWrittenInLoop(loop).Length);
        Assert.InRange(listed, 1, 8L * body.Length);
        Assert.Equal([Depth - 1], facts.LocalsWrittenInLoop(Depth - 1));
        Assert.True(facts.WritesAllLocals(0));
    }

    [Fact]
    public void ManySmallFunctionsWithAllLocals()
    {
        // Nine bytes declare 50,000 locals. Touching each would be five billion writes.
        const int Functions = 100_000;
        byte[] function = [8, 1, .. Leb(50_000), I32, 0x41, 0, 0x1a, 0x0b];
        function[0] = (byte)(function.Length - 1);
        ModuleFacts facts = ModuleValidator.Validate(Module(Functions, [.. Repeat(function, Functions)]));
        Assert.Equal(50_000, facts.Functions[^1].LocalCount);
    }

    [Fact]
    public void ManyBranchTablesOverADeepNest()
    {
        // Each table has every label of the nest, again and again.
        const int Depth = 200;
        byte[] labels = [.. Enumerable.Range(0, 10_000).SelectMany(i => Leb(i % Depth))];
        byte[] table = [0x41, 0, 0x0e, .. Leb(10_000), .. labels, 0];
        byte[] body = [.. Repeat([0x02, 0x40], Depth), .. Repeat(table, 100), .. Repeat([0x0b], Depth), 0x0b];
        Assert.Equal(Depth + 1, Validate([0], body).Functions[0].MaxControlDepth);
    }

    [Fact]
    public void StackOfTooManyOperandsIsRefused()
    {
        byte[] body = [.. Repeat([0x41, 0], 1_100_000), 0x00, 0x0b];
        InvalidModuleException fault = Assert.Throws<InvalidModuleException>(() => Validate([0], body));
        Assert.StartsWith("implementation limit exceeded: more than 1000000 operands", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ManyTypesThatAllEqualAndAllDiffer()
    {
        // (rec (type (struct (ref null self's predecessor)))): equal groups, then a chain in which each refers to the one before.
        const int Count = 200_000;
        byte[] section = [.. Leb(Count + 1), 0x5f, 0, .. Enumerable.Range(0, Count).SelectMany(i =>
            (byte[])[0x5f, 1, 0x63, .. Signed(i % 2 == 0 ? 0 : i), 0])];
        byte[] module = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, .. Leb(section.Length), .. section];
        ModuleValidator.Validate(ModuleDecoder.Decode(module));
    }

    [Fact]
    public void LongChainOfSupertypesIsRefused()
    {
        byte[] section = [.. Leb(101), 0x50, 0, 0x5f, 0, .. Enumerable.Range(0, 100).SelectMany(i => (byte[])[0x50, 1, .. Leb(i), 0x5f, 0])];
        byte[] module = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, .. Leb(section.Length), .. section];
        InvalidModuleException fault = Assert.Throws<InvalidModuleException>(() => ModuleValidator.Validate(ModuleDecoder.Decode(module)));
        Assert.Contains("63 supertypes", fault.Message, StringComparison.Ordinal);
    }

    private static ModuleFacts Validate(byte[] locals, byte[] instructions) =>
        ModuleValidator.Validate(Module(1, [.. Leb(locals.Length + instructions.Length), .. locals, .. instructions]));

    // Functions without parameters and results.
    private static WasmModule Module(int functions, byte[] bodies)
    {
        byte[] declarations = [.. Leb(functions), .. new byte[functions]];
        byte[] code = [.. Leb(functions), .. bodies];
        byte[] module =
        [
            0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0,
            3, .. Leb(declarations.Length), .. declarations, 10, .. Leb(code.Length), .. code,
        ];
        return ModuleDecoder.Decode(module);
    }

    private static byte[] Repeat(byte[] bytes, int count)
    {
        byte[] repeated = new byte[bytes.Length * count];
        for (int i = 0; i < count; i++)
        {
            bytes.CopyTo(repeated, i * bytes.Length);
        }

        return repeated;
    }

    // A positive number whose last byte must not look negative.
    private static byte[] Signed(int value)
    {
        byte[] bytes = [.. Leb(value), 0];
        bytes[^2] |= 0x80;
        return bytes;
    }

    private static byte[] Leb(int value)
    {
        var bytes = new List<byte>();
        for (uint rest = (uint)value; ; rest >>= 7)
        {
            if (rest < 0x80)
            {
                bytes.Add((byte)rest);
                return [.. bytes];
            }

            bytes.Add((byte)(rest | 0x80));
        }
    }
}
