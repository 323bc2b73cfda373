using System.Text;
using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;
using Wisp.Wasm.Text;

namespace Wisp.Wasm.Tests.Text;

public sealed class WatParserTests
{
    [Fact]
    public void FoldedOperandsAreWrittenBeforeTheirOperator()
    {
        WasmModule module = Parse("(func (result i32) (i32.add (i32.const 1) (i32.mul (i32.const 2) (i32.const 3))))");
        Assert.Equal([0x41, 1, 0x41, 2, 0x41, 3, 0x6c, 0x6a, 0x0b], BodyOf(module));
    }

    [Fact]
    public void LabelOfIfIsNotKnownInItsCondition()
    {
        var e = Assert.Throws<TextFormatException>(() => Parse("(func (if $l (br $l (i32.const 0)) (then)))"));
        Assert.Equal("unknown label $l", e.Reason);
    }

    [Fact]
    public void InnerLabelShadowsOuterOneUntilItsEnd()
    {
        WasmModule module = Parse("(func block $l block $l br $l end br $l end)");
        Assert.Equal([0x02, 0x40, 0x02, 0x40, 0x0c, 0, 0x0b, 0x0c, 0, 0x0b, 0x0b], BodyOf(module));
    }

    [Fact]
    public void CatchLabelsAreThoseAroundTheTry()
    {
        WasmModule module = Parse("(tag $t) (func block $l try_table $l (catch $t $l) (catch_all_ref 0) end end)");
        Assert.Equal([0x02, 0x40, 0x1f, 0x40, 2, 0x00, 0, 0, 0x03, 0, 0x0b, 0x0b, 0x0b], BodyOf(module));
    }

    [Fact]
    public void TypeUseWithoutNameTakesTheFirstEqualTypeOrAddsOne()
    {
        WasmModule module = Parse("""
            (func (param i64)) (type $a (func (param i32))) (type $b (func (param i32))) (func (param i32))
            """);
        Assert.Equal([new TypeIndex(2), new TypeIndex(0)], module.Functions);
        Assert.Equal(3, module.Types.Length);
    }

    [Fact]
    public void InlineElementsAndDataBecomeSegments()
    {
        WasmModule module = Parse("""(func $f) (table funcref (elem $f $f)) (memory i64 (data "ab" "c"))""");
        Assert.Equal(new TableType(ValType.FuncRef, new Limits(2, 2), false), module.Tables[0]);
        Assert.Equal(new MemoryType(new Limits(1, 1), true, false), module.Memories[0]);
        Assert.Equal(2, module.Elements[0].Count);
        DataSegment data = module.Data[0];
        Assert.Equal("abc"u8.ToArray(), module.Bytes.Span.Slice(data.BytesOffset, data.BytesLength).ToArray());
    }

    [Fact]
    public void IdentifiersBecomeTheNameSection()
    {
        byte[] bytes = WatParser.ParseModule("(module $m (func $f (param $p i32) (local i32 i64) (local $q f32)))");
        Assert.Contains("\u0000\u0002\u0001m\u0001\u0004\u0001\u0000\u0001f", Encoding.Latin1.GetString(bytes));
        Assert.Contains("\u0002\u0009\u0001\u0000\u0002\u0000\u0001p\u0003\u0001q", Encoding.Latin1.GetString(bytes));
    }

    [Fact]
    public void QuotedIdentifierIsTheSameAsThePlainOne()
    {
        WasmModule module = Parse("""(func $"a\u{62}") (start $ab)""");
        Assert.Equal(new FuncIndex(0), module.Start);
    }

    [Theory]
    [InlineData("block", "end")]
    [InlineData("(block", ")")]
    [InlineData("(drop", "(i32.const 0))")]
    [InlineData("i32.const 0 if", "end")]
    [InlineData("(if (i32.const 0) (then", "))")]
    public void NestingIsOnlyLimitedByTheLengthOfTheText(string open, string close)
    {
        const int depth = 100_000;
        var text = new StringBuilder("(func ");
        for (int i = 0; i < depth; i++)
        {
            text.Append(open).Append(' ');
        }

        for (int i = 0; i < depth; i++)
        {
            text.Append(close).Append(' ');
        }

        Assert.True(WatParser.ParseModule(text.Append(')').ToString()).Length > depth);
    }

    [Theory]
    [InlineData("(module\n  (func\n    i32.foo))", 3, 5, "unknown operator i32.foo")]
    [InlineData("(func $f) (func $f)", 1, 17, "duplicate func $f")]
    [InlineData("(func (call $g))", 1, 13, "unknown function $g")]
    [InlineData("(func block $a end $b)", 1, 20, "mismatching label $b")]
    [InlineData("(func) (import \"a\" \"b\" (func))", 1, 8, "import after function")]
    [InlineData("(func (i32.const 4294967296))", 1, 18, "i32 constant out of range: 4294967296")]
    [InlineData("(func \"é\" 1)", 1, 7, "unexpected token \"é\"")]
    [InlineData("(func", 1, 6, "unexpected token: the text ends")]
    [InlineData("(func))", 1, 7, "unexpected token )")]
    [InlineData("(; (; ;)", 1, 1, "unclosed comment")]
    [InlineData("(memory 1) (func (i32.load align=3 (i32.const 0)))", 1, 28, "alignment must be a power of two")]
    public void FaultHasItsPlaceAndTheWordsOfTheSuite(string text, int line, int column, string reason)
    {
        var e = Assert.Throws<TextFormatException>(() => Parse(text));
        Assert.StartsWith(reason, e.Reason, StringComparison.Ordinal);
        Assert.Equal((line, column), (e.Line, e.Column));
    }

    [Fact]
    public void EveryPrefixOfAModuleIsRefusedOrParsed()
    {
        const string text = """
            (module $m (type $t (func (param i32) (result i32))) (import "a" "b" (func $i (type $t)))
              (table 1 2 funcref) (memory (data "a\00\u{1f600}")) (global $g (mut f64) (f64.const 0x1.8p1))
              (elem (i32.const 0) $i) (func $f (export "f") (type $t) (local $x i64)
                (if (result i32) (local.get 0) (then (i32.const 1)) (else block $b (br $b) end i32.const 2))
                (@note "x" (y)) (; comment ;) v128.const i32x4 1 2 3 4 drop select))
            """;
        for (int length = 0; length < text.Length; length++)
        {
            try
            {
                WatParser.ParseModule(text[..length]);
            }
            catch (TextFormatException)
            {
                // Anything else is a bug.
            }
        }

        Assert.NotEmpty(WatParser.ParseModule(text));
    }

    private static WasmModule Parse(string text) => ModuleDecoder.Decode(WatParser.ParseModule(text));

    private static byte[] BodyOf(WasmModule module) =>
        module.Bytes.Span.Slice(module.Bodies[0].Offset, module.Bodies[0].Length).ToArray();
}
