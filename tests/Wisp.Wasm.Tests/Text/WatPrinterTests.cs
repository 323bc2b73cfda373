using System.Text;
using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;
using Wisp.Wasm.Text;
using Wisp.Wasm.Text.Scripts;

namespace Wisp.Wasm.Tests.Text;

public sealed class WatPrinterTests
{
    [Fact]
    public void ModuleIsPrintedWithNamesAndOneInstructionInALine()
    {
        string text = Print(WatParser.ParseModule("""
            (module $m
              (import "env" "log" (func $log (param i32)))
              (memory 1)
              (func $"add 1" (export "add") (param $x i32) (result i32) (local i64 i64) (local $y f32)
                (block $out (result i32)
                  (drop (br_if $out (local.get $x) (i32.load offset=8 (i32.const 0x10))))
                  (f32.store align=1 (i32.const 0) (f32.const -0x1p-1))
                  (i32.const 1))))
            """));
        Assert.Equal("""
            (module $m
              (type (;0;) (func (param i32)))
              (type (;1;) (func (param i32) (result i32)))
              (import "env" "log" (func $log (;0;) (type 0) (param i32)))
              (func $"add 1" (;1;) (type 1) (param $x i32) (result i32)
                (local i64 i64)
                (local $y f32)
                block (result i32)  ;; label @1
                  local.get $x
                  i32.const 16
                  i32.load offset=8
                  br_if 0 (;@1;)
                  drop
                  i32.const 0
                  f32.const -0.5
                  f32.store align=1
                  i32.const 1
                end
              )
              (memory (;0;) 1)
              (export "add" (func $"add 1"))
              ;; custom section "name", 30 bytes
            )

            """, text);
    }

    [Fact]
    public void EqualNamesBecomeDifferentIdentifiers()
    {
        const string text = "(module (func $f) (func $g) (func (call 0) (call 1)))";
        byte[] bytes = WatParser.ParseModule(text);
        bytes[bytes.AsSpan().LastIndexOf((byte)'g')] = (byte)'f';
        string printed = Print(bytes);
        Assert.Contains("call $f\n", printed, StringComparison.Ordinal);
        Assert.Contains("call $f#1\n", printed, StringComparison.Ordinal);
        WatParser.ParseModule(printed);
    }

    [Fact]
    public void PrintedSuiteModulesParseToTheSameModules()
    {
        string folder = Path.Combine(Suites.Folder, "testsuite");
        if (!Directory.Exists(folder))
        {
            Assert.Skip($"no scripts under {folder}; set WISP_SUITES");
        }

        var faults = new StringBuilder();
        foreach (string path in Directory.EnumerateFiles(folder, "*.wast").Order(StringComparer.Ordinal))
        {
            foreach (ScriptDirective directive in ScriptReader.Read(Path.GetFileName(path), File.ReadAllBytes(path)))
            {
                if (directive is ModuleDirective { Module: { } source })
                {
                    byte[] module = source.Encode();
                    string? fault = source.IsBinary ? ComparePrints(module) : CompareSections(module);
                    faults.Append(fault is null ? "" : $"{Path.GetFileName(path)}:{directive.Line}: {fault}\n");
                }
            }
        }

        Assert.True(faults.Length == 0, faults.ToString());
    }

    // Binaries of the suite encode numbers in more bytes than needed, so their prints are compared.
    private static string? ComparePrints(byte[] module)
    {
        string first = Print(module);
        string second = Print(WatParser.ParseModule(first));
        return WithoutComments(first) == WithoutComments(second) ? null : $"prints differ:\n{first}\n{second}";
    }

    private static string? CompareSections(byte[] module)
    {
        string text = Print(module);
        byte[] again;
        try
        {
            again = WatParser.ParseModule(text);
        }
        catch (TextFormatException e)
        {
            return $"{e.Message}\n{text}";
        }

        return WithoutCustomSections(module).AsSpan().SequenceEqual(WithoutCustomSections(again))
            ? null : $"sections differ:\n{text}";
    }

    private static string WithoutComments(string text) =>
        string.Join('\n', text.Split('\n').Where(line => !line.Contains(";; custom section", StringComparison.Ordinal)));

    private static byte[] WithoutCustomSections(byte[] module)
    {
        WasmModule decoded = ModuleDecoder.Decode(module);
        int end = module.Length;
        foreach (CustomSection section in decoded.CustomSections)
        {
            // Ours is the last one: its name, length and id lie right before the contents.
            end = Math.Min(end, section.Offset - section.Name.Length - 1 - LengthOf(section.Length + section.Name.Length + 1) - 1);
        }

        return module[..end];
    }

    private static int LengthOf(int value) => value < 0x80 ? 1 : 1 + LengthOf(value >> 7);

    private static string Print(byte[] module)
    {
        using var text = new StringWriter();
        WatPrinter.Print(ModuleDecoder.Decode(module), text);
        return text.ToString();
    }
}
