using Wisp.Host.Invocations;
using Wisp.Permissions;
using Wisp.Wasm;
using Wisp.Wasm.Text;

namespace Wisp.Host.Tests.Invocations;

/// <summary>Modules of a few bytes that declare enormous things. Whoever loads one gets an error, and soon: nothing is made by what a
/// number says before it is known that so much can be there.</summary>
public sealed class HostileModuleTests
{
    private const long FewBytes = 4 << 20;

    private static readonly byte[] Header = [0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0];

    // Most as LEB128: 2^32 - 1.
    private static readonly byte[] Most = [0xff, 0xff, 0xff, 0xff, 0x0f];

    /// <summary>A section by its number, whose count is 2^32 - 1, and what the error says.</summary>
    [Theory]
    [InlineData(1, "types")]
    [InlineData(2, "imports")]
    [InlineData(3, "functions")]
    [InlineData(4, "tables")]
    [InlineData(5, "memories")]
    [InlineData(6, "globals")]
    [InlineData(7, "exports")]
    [InlineData(9, "element")]
    [InlineData(11, "data")]
    [InlineData(12, "data")]
    [InlineData(13, "tags")]
    public void SectionWithTooManyOfAKindIsRefusedBeforeTheyAreMade(byte section, string what)
    {
        string fault = Refused([.. Header, section, (byte)Most.Length, .. Most]);

        Assert.True(fault.Contains(what, StringComparison.Ordinal) || fault.Contains("unexpected end", StringComparison.Ordinal), fault);
    }

    [Fact]
    public void SectionLongerThanTheModuleIsRefused() => Assert.Contains("offset", Refused([.. Header, 11, .. Most, 1]), StringComparison.Ordinal);

    [Theory]
    [InlineData("ffffffff0f7f")]              // one declaration of 2^32 - 1
    [InlineData("d186037f")]                  // 50,001
    public void FunctionWithTooManyLocalsIsRefused(string declaration)
    {
        byte[] locals = [1, .. Convert.FromHexString(declaration)];

        Assert.Contains("too many locals", Refused(Function([.. locals, 0x0b])), StringComparison.Ordinal);
    }

    [Fact]
    public void LocalsOfSeveralDeclarationsAreAddedWithoutWrapping()
    {
        byte[] half = [.. Convert.FromHexString("80808080087f")];   // 2^31, twice

        Assert.Contains("too many locals", Refused(Function([2, .. half, .. half, 0x0b])), StringComparison.Ordinal);
    }

    [Fact]
    public void BranchTableWithMoreEntriesThanBytesIsRefused()
    {
        string fault = Refused(Function([0, 0x41, 0, 0x0e, .. Most, 0, 0x0b]));

        Assert.Contains("offset", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("(memory 65536)", "limits.memory")]                                        // 4 GiB
    [InlineData("(memory 1) (memory 65535)", "limits.memory")]
    [InlineData("(memory 65535) (memory 65535) (memory 65535)", "limits.memory")]
    [InlineData("(memory i64 0x1000000)", "limits.memory")]                                // 1 TiB
    [InlineData("(table 1000001 funcref)", "limits.tables")]
    [InlineData("(table 0xffffffff funcref)", "limits.tables")]
    [InlineData("(table 600000 funcref) (table 600000 funcref)", "limits.tables")]
    [InlineData("MANY (memory 0)", "limit of 16 memories")]
    public void WhatAnInstanceWouldTakeIsAnErrorAtLoadThatNamesTheLimit(string fields, string named)
    {
        string many = string.Concat(Enumerable.Repeat("(memory 0) ", 100));
        byte[] wasm = WatParser.ParseModule($"(module {fields.Replace("MANY", many, StringComparison.Ordinal)} (func (export \"_start\")))");
        using Module module = Module.Compile(RunningServer.Engine, wasm);

        var refused = Assert.Throws<LinkException>(() => new FunctionProgram(
            module, new PermissionGate(new GrantBuilder().Build(), "test"), ["test"], ComponentLimits.Bounded(ResourceLimits.Default)));

        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
    }

    // Deep and wide shapes end as modules, or with an error that says which budget they met; not with the stack or the memory of the host.
    [Theory]
    [InlineData("blocks", 100_000)]
    [InlineData("loops", 20_000)]
    [InlineData("operands", 100_000)]
    [InlineData("branches", 200_000)]
    [InlineData("functions", 50_000)]
    [InlineData("locals", 300)]
    [InlineData("data", 100_000)]
    public void EnormousShapeIsCompiledOrRefused(string shape, int count)
    {
        try
        {
            using Module module = Module.Compile(RunningServer.Engine, Shape(shape, count));
            Assert.NotEmpty(module.Exports);
        }
        catch (WasmException refused)
        {
            Assert.DoesNotContain('\n', refused.Message);
        }
    }

    private static byte[] Shape(string shape, int count)
    {
        string Repeat(string text) => string.Concat(Enumerable.Repeat(text, count));
        return shape switch
        {
            "blocks" => Function([0, .. Bytes([0x02, 0x40], count), .. Bytes([0x0b], count), 0x0b]),
            "loops" => Function([0, .. Bytes([0x03, 0x40], count), .. Bytes([0x0b], count), 0x0b]),
            "operands" => Function([0, .. Bytes([0x41, 0x01], count), .. Bytes([0x1a], count), 0x0b]),
            "branches" => Function([0, 0x41, 0x00, 0x0e, .. Leb((uint)count), .. new byte[count], 0x00, 0x0b]),
            "functions" => WatParser.ParseModule($"(module (func (export \"_start\")) {Repeat("(func)")})"),
            "locals" => Functions(count, [1, .. Convert.FromHexString("d086037f"), 0x0b]),   // 50,000 each
            _ => WatParser.ParseModule($"(module (memory 1) (func (export \"_start\")) {Repeat("(data (i32.const 0) \"\")")})"),
        };
    }

    /// <summary>The error of a module, for which little is allocated.</summary>
    private static string Refused(byte[] wasm)
    {
        Assert.InRange(wasm.Length, 0, 200);
        long before = GC.GetAllocatedBytesForCurrentThread();
        var refused = Assert.ThrowsAny<WasmException>(() => Module.Compile(RunningServer.Engine, wasm));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, FewBytes);
        return refused.Message;
    }

    private static byte[] Function(byte[] body) => Functions(1, body);

    /// <summary>A module of functions without parameters and results, all of one body; the first is _start.</summary>
    private static byte[] Functions(int count, byte[] body)
    {
        byte[] code = [.. Leb((uint)count), .. Enumerable.Repeat((byte[])[.. Leb((uint)body.Length), .. body], count).SelectMany(one => one)];
        byte[] types = [.. Leb((uint)count), .. new byte[count]];
        return
        [
            .. Header,
            1, 4, 1, 0x60, 0, 0,
            3, .. Leb((uint)types.Length), .. types,
            7, 10, 1, 6, .. "_start"u8, 0, 0,
            10, .. Leb((uint)code.Length), .. code,
        ];
    }

    private static byte[] Bytes(byte[] piece, int count) => [.. Enumerable.Repeat(piece, count).SelectMany(one => one)];

    private static byte[] Leb(uint value)
    {
        var bytes = new List<byte>();
        do
        {
            bytes.Add((byte)((value & 0x7f) | (value > 0x7f ? 0x80u : 0)));
            value >>= 7;
        }
        while (value != 0);
        return [.. bytes];
    }
}
