using Wisp.Wasm.Binary;
using Wisp.Wasm.Text;
using Wisp.Wasm.Validation;

namespace Wisp.Wasm.Tests.Validation;

public sealed class FunctionFactsTests
{
    [Fact]
    public void LoopsAreNumberedInOrderAndHaveTheWritesOfInnerLoops()
    {
        FunctionFacts facts = Facts("""
            (func (param i32 i32) (local i32 i32 i32)
              (local.set 4 (i32.const 0))
              (loop
                (local.set 3 (i32.const 1))
                (loop (local.set 1 (local.tee 0 (i32.const 2))) (local.set 1 (i32.const 3)))
                (drop (local.get 2))
                (loop (drop (local.get 4))))
              (loop (local.set 2 (i32.const 1))))
            """);
        Assert.Equal(4, facts.LoopCount);
        Assert.Equal([0, 1, 3], facts.LocalsWrittenInLoop(0));
        Assert.Equal([0, 1], facts.LocalsWrittenInLoop(1));
        Assert.Equal([], facts.LocalsWrittenInLoop(2));
        Assert.Equal([2], facts.LocalsWrittenInLoop(3));
        Assert.False(facts.WritesAllLocals(0));
    }

    [Fact]
    public void WritesInUnreachableCodeCount()
    {
        FunctionFacts facts = Facts("(func (param i32) (loop unreachable (local.set 0 (i32.const 1))))");
        Assert.Equal([0], facts.LocalsWrittenInLoop(0));
    }

    [Fact]
    public void WritesAfterALoopAreNotItsOwn()
    {
        FunctionFacts facts = Facts("(func (param i32 i32) (loop (local.set 1 (i32.const 0))) (local.set 0 (i32.const 1)))");
        Assert.Equal([1], facts.LocalsWrittenInLoop(0));
    }

    [Fact]
    public void DepthsAndCountsAreThoseOfTheBody()
    {
        FunctionFacts facts = Facts("(func (param i64) (result i32) (local f32 f32) (block (block)) (i32.add (i32.const 1) (i32.const 2)))");
        Assert.Equal(2, facts.MaxOperandDepth);
        Assert.Equal(3, facts.MaxControlDepth);
        Assert.Equal(3, facts.LocalCount);
        Assert.Equal(8, facts.InstructionCount);
        Assert.True(facts.IsLeaf);
    }

    [Theory]
    [InlineData("call 0")]
    [InlineData("return_call 0")]
    [InlineData("(call_indirect (i32.const 0))")]
    [InlineData("(call_ref 0 (ref.null 0))")]
    public void FunctionWithACallIsNoLeaf(string call) =>
        Assert.False(Facts($"(func {call}) (table 1 funcref) (type (func))").IsLeaf);

    [Fact]
    public void OwnFunctionsEscapeWhenExportedReferredToOrStarted()
    {
        ModuleFacts facts = ModuleValidator.Validate(ModuleDecoder.Decode(WatParser.ParseModule("""
            (import "m" "f" (func $imported)) (export "i" (func $imported))
            (func $private) (func $exported (export "e")) (func $global) (func $called (call $private)) (func $element)
            (func $started) (func $named (drop (ref.func $declared))) (func $declared)
            (global funcref (ref.func $global)) (elem funcref (ref.func $element)) (elem declare func $declared) (start $started)
            """)));
        Assert.Equal([2, 3, 5, 6, 8], facts.EscapingFunctions.Select(f => f.Index));
    }

    [Theory]
    [InlineData("(table 1 funcref)", "", false)]
    [InlineData("(table 1 funcref) (elem (i32.const 0) $f)", "(call_indirect (i32.const 0)) (drop (table.get 0 (table.size 0)))", false)]
    [InlineData("(table 1 funcref) (elem $e func $f)", "(elem.drop $e)", false)]
    [InlineData("(table 1 funcref) (table $o 1 funcref)", "(table.copy $o 0 (i32.const 0) (i32.const 0) (i32.const 1))", false)]
    [InlineData("(table 1 funcref) (table $o 1 funcref)", "(table.copy 0 $o (i32.const 0) (i32.const 0) (i32.const 1))", true)]
    [InlineData("(table (import \"m\" \"t\") 1 funcref)", "", true)]
    [InlineData("(table (export \"t\") 1 funcref)", "", true)]
    [InlineData("(table 1 funcref)", "(table.set 0 (i32.const 0) (ref.null func))", true)]
    [InlineData("(table 1 funcref)", "unreachable (table.set 0 (i32.const 0) (ref.null func))", true)]
    [InlineData("(table 1 funcref)", "(drop (table.grow 0 (ref.null func) (i32.const 1)))", true)]
    [InlineData("(table 1 funcref)", "(table.fill 0 (i32.const 0) (ref.null func) (i32.const 1))", true)]
    [InlineData("(table 1 funcref) (elem $e func $f)", "(table.init 0 $e (i32.const 0) (i32.const 0) (i32.const 1))", true)]
    public void TableChangesWhenSomebodyCanWriteIt(string table, string body, bool changes)
    {
        ModuleFacts facts = ModuleValidator.Validate(ModuleDecoder.Decode(WatParser.ParseModule(
            $"{table} (func $g) (func $f) (func {body})")));
        Assert.Equal(changes, facts.ChangingTables[0]);
    }

    private static FunctionFacts Facts(string wat) =>
        ModuleValidator.Validate(ModuleDecoder.Decode(WatParser.ParseModule(wat))).Functions[0];
}
