using System.Diagnostics;
using System.Text;
using Wisp.Wasm.Text;
using Wisp.Wasm.Text.Scripts;

namespace Wisp.Wasm.Tests.Text;

/// <summary>Text that somebody wrote to break the parser: refused with a place, never anything else.</summary>
public sealed class HostileTextTests
{
    private static readonly string[] Tokens =
    [
        "(", ")", "(module", "(func", "(type", "(param", "(result", "(local", "(import", "(export", "(table", "(memory",
        "(global", "(elem", "(data", "(start", "(rec", "(sub", "(struct", "(field", "(mut", "(ref", "(item", "(offset", "(then",
        "(else", "(tag", "(catch", "(catch_all", "(@a", "(;", ";)", ";;", "block", "loop", "if", "else", "end", "br", "br_table",
        "call_indirect", "select", "try_table", "i32.const", "f64.const", "v128.const", "i8x16.shuffle", "i32x4", "i32.load",
        "v128.load8_lane", "offset=1", "align=4", "memory.init", "table.copy", "struct.get", "ref.null", "br_on_cast", "func",
        "extern", "null", "i32", "f32", "funcref", "$a", "$b", "$\"a\"", "\"a\"", "\"\\ff\"", "\"\\u{d800}\"", "0", "1", "-1",
        "0x", "4294967296", "1e999", "nan:0x0", "declare", "shared", "final", "\"", "$", "\u00e9", "\0", "=", ",",
    ];

    [Fact]
    public void AnyRowOfTokensIsParsedOrRefused()
    {
        var random = new Random(2);
        var text = new StringBuilder();
        for (int i = 0; i < 20_000; i++)
        {
            text.Clear().Append(i % 3 == 0 ? "(func " : "");
            for (int count = random.Next(1, 30); count > 0; count--)
            {
                text.Append(Tokens[random.Next(Tokens.Length)]).Append(random.Next(8) == 0 ? "" : " ");
            }

            ParseOrRefuse(Encoding.UTF8.GetBytes(text.ToString()));
        }
    }

    [Fact]
    public void MutatedModuleIsParsedOrRefused()
    {
        byte[] original = Encoding.UTF8.GetBytes("""
            (module $m (type $t (sub final (func (param i32) (result i32)))) (rec (type $s (struct (field $f (mut i8)))))
              (import "a" "b" (func $i (type $t))) (table $tab 1 2 funcref (ref.null func)) (memory i64 1 2 shared)
              (memory (data "a\00\u{1f600}")) (global $g (mut f64) (f64.const 0x1.8p1)) (tag $e (param i32))
              (elem $el (table $tab) (offset i32.const 0) funcref (item ref.func $i) (ref.null func)) (elem declare func $i)
              (func $f (export "f") (type $t) (local $x i64) (local i32 i32)
                (if $l (result i32) (local.get 0) (then (i32.const 1)) (else block $b (br_table $b $l 0) end i32.const 2))
                try_table (catch $e 0) (catch_all_ref 0) end (v128.const i16x8 1 2 3 4 5 6 7 8) (v128.load8_lane 1 offset=3 2)
                (i32.load offset=0x10 align=1) (call_indirect $tab (param i32) (result i32)) (struct.get $s $f) select (result i32)))
            """);
        var random = new Random(3);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] text = [.. original];
            for (int count = random.Next(1, 4); count > 0; count--)
            {
                int at = random.Next(text.Length);
                text[at] = random.Next(3) switch
                {
                    0 => (byte)random.Next(256),
                    1 => text[random.Next(text.Length)],
                    _ => (byte)"() $\";0ae"[random.Next(9)],
                };
            }

            ParseOrRefuse(text);
        }
    }

    [Theory]
    [InlineData("(", "")]
    [InlineData(")", "")]
    [InlineData("(;", "")]
    [InlineData("(@a ", "")]
    [InlineData("\"\\", "")]
    [InlineData("(func ", "")]
    [InlineData("(func (block ", "")]
    [InlineData("(func $a)", "")]
    [InlineData("(type (func (param i32)))", "")]
    [InlineData("(func (param i64) block (param i64) (result i64) end drop)", "")]
    [InlineData("(func block $a br $a end)", "")]
    [InlineData("(data \"0\")", "")]
    [InlineData("(rec ", "")]
    [InlineData("(assert_return (invoke \"a\"))", "")]
    [InlineData("(module quote ", ")")]
    public void TimeGrowsWithTheLengthOfTheText(string unit, string close)
    {
        const int length = 1 << 20;
        var text = new StringBuilder(length * 2);
        int count = length / unit.Length;
        for (int i = 0; i < count; i++)
        {
            text.Append(unit);
        }

        for (int i = 0; i < count && close.Length > 0; i++)
        {
            text.Append(close);
        }

        var watch = Stopwatch.StartNew();
        ParseOrRefuse(Encoding.UTF8.GetBytes(text.ToString()));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"{watch.Elapsed} for a megabyte");
    }

    private static void ParseOrRefuse(byte[] text)
    {
        try
        {
            WatParser.ParseModule(text);
        }
        catch (TextFormatException)
        {
            // Refused; any other exception is a bug.
        }

        try
        {
            foreach (ScriptDirective directive in ScriptReader.Read("test", text))
            {
                if (directive is ModuleDirective module)
                {
                    module.Module.Encode();
                }
            }
        }
        catch (TextFormatException)
        {
            // As above.
        }
    }
}
