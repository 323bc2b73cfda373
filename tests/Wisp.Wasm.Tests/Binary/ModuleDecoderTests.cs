using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;
using Wisp.Wasm.Text;
using Wisp.Wasm.Validation;

namespace Wisp.Wasm.Tests.Binary;

public sealed class ModuleDecoderTests
{
    // Something of every section.
    private const string Everything = """
        (module $everything
          (rec (type $list (sub (struct (field i32) (field (mut (ref null $list)))))) (type $bytes (array (mut i8))))
          (type $f (func (param i32 i64) (result f32)))
          (import "host" "print" (func $print (param i32)))
          (import "host" "memory" (memory 1 2))
          (import "host" "base" (global $base i32))
          (import "host" "tag" (tag $t (param i32)))
          (func $add (export "add") (param $a i32) (param $b i32) (result i32) (local $sum i32) (local $unused v128)
            (local.set $sum (i32.add (local.get $a) (local.get $b)))
            (block $out (loop $again (br_if $out (local.get $a)) (br_table $out $again (local.get $b))))
            (memory.init $bytes2 (i32.const 0) (i32.const 0) (i32.const 1))
            (local.get $sum))
          (func $start)
          (table $tab 3 10 funcref)
          (table $tab2 2 (ref func) (ref.func $add))
          (memory i64 1)
          (tag $own)
          (global $g (mut f64) (f64.const 1.5))
          (start $start)
          (elem (i32.const 0) func $add $print)
          (elem $exprs funcref (ref.null func) (ref.func $add))
          (elem declare func $start)
          (data (global.get $base) "hello")
          (data $bytes2 "passive"))
        """;

    [Fact]
    public void EverySectionIsDecoded()
    {
        WasmModule module = ModuleDecoder.Decode(WatParser.ParseModule(Everything));
        Assert.Equal(2, module.Types[0].GroupLength);
        Assert.Equal(1, module.ImportedFunctionCount);
        Assert.Equal(3, module.Functions.Length);
        Assert.Equal(new MemoryType(new Limits(1, 2), false, false), module.Memories[0]);
        Assert.True(module.Memories[1].Is64);
        Assert.Equal(new TableType(ValType.FuncRef, new Limits(3, 10), false), module.Tables[0]);
        Assert.Null(module.TableInitializers[0]);
        Assert.NotNull(module.TableInitializers[1]);
        Assert.Equal(new GlobalType(ValType.F64, true), module.Globals[1]);
        Assert.Equal(2, module.Start?.Index);
        Assert.Equal(new Export("add", ExternKind.Function, 1), Assert.Single(module.Exports));
        Assert.Equal([SegmentMode.Active, SegmentMode.Passive, SegmentMode.Declarative], module.Elements.Select(e => e.Mode));
        Assert.Equal([2, 2, 1], module.Elements.Select(e => e.Count));
        Assert.Equal("hello"u8, module.Bytes.Span.Slice(module.Data[0].BytesOffset, module.Data[0].BytesLength));
        Assert.Equal(2u, module.DataCount);
        Assert.Equal([new LocalRun(1, ValType.I32), new LocalRun(1, ValType.V128)], module.Bodies[0].Locals);
        ModuleFacts facts = ModuleValidator.Validate(module);
        Assert.Equal([1, 2], facts.EscapingFunctions.Select(f => f.Index));
    }

    [Fact]
    public void NamesOfModuleFunctionsAndLocalsAreRead()
    {
        NameSection names = NameSection.Decode(ModuleDecoder.Decode(WatParser.ParseModule(Everything)));
        Assert.Equal("everything", names.Module);
        Assert.Equal("print", names.NameOf(new FuncIndex(0)));
        Assert.Equal("add", names.NameOf(new FuncIndex(1)));
        Assert.Equal("sum", names.NameOf(new FuncIndex(1), 2));
        Assert.Null(names.NameOf(new FuncIndex(7)));
        Assert.Null(names.NameOf(new FuncIndex(1), 9));
    }

    [Fact]
    public void EveryPrefixIsRefusedUnlessItEndsBetweenSections()
    {
        byte[] bytes = WatParser.ParseModule(Everything);
        var decoded = new List<(int Imports, int Bodies)>();
        for (int length = 0; length < bytes.Length; length++)
        {
            try
            {
                WasmModule module = ModuleDecoder.Decode(bytes.AsMemory(0, length));
                decoded.Add((module.Imports.Length, module.Bodies.Length));
            }
            catch (MalformedModuleException fault)
            {
                Assert.InRange(fault.Offset, 0, length);
            }
        }

        // The bare header, the types, the imports; then functions lack their code, and segments are fewer than counted; at last
        // everything but the names.
        Assert.Equal([(0, 0), (0, 0), (4, 0), (4, 2)], decoded);
    }

    [Fact]
    public void EveryPrefixOfTheNameSectionLeavesTheModuleAlone()
    {
        byte[] bytes = WatParser.ParseModule(Everything);
        WasmModule whole = ModuleDecoder.Decode(bytes);
        CustomSection section = Assert.Single(whole.CustomSections);
        for (int length = 0; length < section.Length; length++)
        {
            var cut = new WasmModule { Bytes = whole.Bytes, CustomSections = [section with { Length = length }] };
            NameSection names = NameSection.Decode(cut);
            Assert.Null(names.NameOf(new FuncIndex(99)));
            Assert.InRange(names.FunctionCount, 0, 3);
        }
    }

    [Fact]
    public void OffsetIsThatOfTheMalformedByte()
    {
        // Header, a type section of one function type whose parameter has no such type.
        byte[] bytes = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 1, 0x21, 0];
        MalformedModuleException fault = Assert.Throws<MalformedModuleException>(() => ModuleDecoder.Decode(bytes));
        Assert.Equal(13, fault.Offset);
        Assert.Equal("malformed value type 0x21 at offset 0xd", fault.Message);
    }

    [Fact]
    public void LimitsAreThoseAskedFor()
    {
        byte[] bytes = WatParser.ParseModule("(func) (func) (func (param i32 i32)) (func (local i32 i32))");
        ModuleDecoder.Decode(bytes, new DecoderLimits { Functions = 4, Parameters = 2, Locals = 2, Types = 2 });
        Assert.Contains("4 functions, at most 3", Fault(new DecoderLimits { Functions = 3 }), StringComparison.Ordinal);
        Assert.Contains("2 parameters, at most 1", Fault(new DecoderLimits { Parameters = 1 }), StringComparison.Ordinal);
        Assert.Contains("too many locals", Fault(new DecoderLimits { Locals = 1 }), StringComparison.Ordinal);
        Assert.Contains("types, at most 1", Fault(new DecoderLimits { Types = 1 }), StringComparison.Ordinal);
        Assert.Contains("bytes, at most 10", Fault(new DecoderLimits { ModuleBytes = 10 }), StringComparison.Ordinal);

        string Fault(DecoderLimits limits) =>
            Assert.Throws<MalformedModuleException>(() => ModuleDecoder.Decode(bytes, limits)).Message;
    }

    [Fact]
    public void ModuleWithoutItsCodeDecodesOnlyWhenAskedTo()
    {
        // A type, a function, no code.
        byte[] bytes = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0];
        Assert.Throws<MalformedModuleException>(() => ModuleDecoder.Decode(bytes));
        WasmModule module = ModuleDecoder.DecodeWithoutCode(bytes);
        Assert.Single(module.Functions);
        Assert.Empty(module.Bodies);
        byte[] withCode = [.. bytes, 10, 4, 1, 2, 0, 0x0b];
        Assert.Single(ModuleDecoder.Decode(withCode).Bodies);
        Assert.Throws<MalformedModuleException>(() => ModuleDecoder.DecodeWithoutCode(withCode));
    }
}
