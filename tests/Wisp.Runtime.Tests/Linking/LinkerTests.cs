using Wisp.Wasm.Model;

namespace Wisp.Runtime.Tests.Linking;

public sealed class LinkerTests
{
    [Fact]
    public void MissingImportIsRefusedByName()
    {
        using var guest = new Guest();

        LinkException exception = Assert.Throws<LinkException>(
            () => guest.Instantiate("(module (import \"env\" \"nothing\" (func)))"));

        Assert.Equal("unknown import: \"env\" \"nothing\" is not defined", exception.Message);
    }

    [Theory]
    [InlineData("(import \"host\" \"f\" (func (param i64)))")]
    [InlineData("(import \"host\" \"f\" (func (param i32) (result i32)))")]
    [InlineData("(import \"host\" \"f\" (memory 1))")]
    [InlineData("(import \"host\" \"m\" (memory 3))")]
    [InlineData("(import \"host\" \"m\" (memory 1 3))")]
    [InlineData("(import \"host\" \"g\" (global (mut i32)))")]
    [InlineData("(import \"host\" \"g\" (global i64))")]
    [InlineData("(import \"host\" \"t\" (table 1 externref))")]
    [InlineData("(import \"host\" \"t\" (table 11 funcref))")]
    public void ImportOfAnotherTypeIsRefused(string import)
    {
        using Guest guest = WithHostModule();

        LinkException exception = Assert.Throws<LinkException>(() => guest.Instantiate($"(module {import})"));

        Assert.StartsWith("incompatible import type", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MemoryTableAndGlobalAreSharedByInstances()
    {
        using Guest guest = WithHostModule();
        Instance writer = guest.Instantiate("""
            (module
              (memory (export "m") 1)
              (table (export "t") 4 funcref)
              (global (export "g") (mut i64) (i64.const 1))
              (func $answer (result i32) (i32.const 42))
              (elem (i32.const 2) $answer)
              (func (export "write") (param i32 i32) (i32.store (local.get 0) (local.get 1)))
              (func (export "grow") (result i32) (memory.grow (i32.const 1))))
            """);
        guest.Linker.DefineInstance("writer", writer);
        Instance reader = guest.Instantiate("""
            (module
              (import "writer" "m" (memory 1))
              (import "writer" "t" (table 4 funcref))
              (import "writer" "g" (global (mut i64)))
              (import "writer" "write" (func $write (param i32 i32)))
              (func (export "roundtrip") (param i32) (result i32)
                (call $write (i32.const 100) (local.get 0))
                (global.set 0 (i64.add (global.get 0) (i64.const 1)))
                (i32.load (i32.const 100)))
              (func (export "call") (result i32) (call_indirect (result i32) (i32.const 2)))
              (func (export "size") (result i32) (memory.size)))
            """);

        Assert.Equal(77, reader.GetFunction<int, int>("roundtrip").Invoke(77));
        Assert.Equal(2L, writer.GetGlobal("g")!.Value.AsInt64());
        Assert.Equal(42, reader.GetFunction<int>("call").Invoke());
        Assert.Equal(1, writer.GetFunction<int>("grow").Invoke());
        Assert.Equal(2, reader.GetFunction<int>("size").Invoke());
        Assert.Equal(77, writer.GetMemory("m")!.Span[100]);
    }

    [Fact]
    public void CallsAcrossInstancesReturnToTheirOwnContext()
    {
        using var guest = new Guest();
        guest.Linker.DefineInstance("a", guest.Instantiate("""
            (module (global $g i32 (i32.const 10)) (memory 1)
              (func (export "get") (param i32) (result i32) (i32.add (global.get $g) (local.get 0)))
              (func (export "trap") unreachable))
            """, "a"));
        Instance b = guest.Instantiate("""
            (module
              (import "a" "get" (func $get (param i32) (result i32)))
              (import "a" "trap" (func $trap))
              (global $g i32 (i32.const 1000)) (memory 1)
              (func (export "run") (param i32) (result i32)
                (i32.store (i32.const 0) (local.get 0))
                (i32.add (i32.add (call $get (i32.const 1)) (call $get (i32.const 2)))
                         (i32.add (global.get $g) (i32.load (i32.const 0)))))
              (func $fail (export "fail") (call $trap)))
            """, "b");

        Assert.Equal(11 + 12 + 1000 + 5, b.GetFunction<int, int>("run").Invoke(5));
        TrapException trap = Assert.Throws<TrapException>(() => b.GetFunction("fail")!.Invoke());
        Assert.Equal(["a", "b"], trap.Backtrace.Frames.Select(f => f.ModuleName));
    }

    [Fact]
    public void FailureOfALaterSegmentKeepsWhatEarlierOnesWrote()
    {
        using var guest = new Guest();
        var memory = new Memory(guest.Store, new MemoryType(new Limits(1, null), false, false));
        guest.Linker.Define("host", "m", memory);

        Assert.Throws<TrapException>(() => guest.Instantiate("""
            (module (import "host" "m" (memory 1)) (data (i32.const 0) "abc") (data (i32.const 65535) "de"))
            """));

        Assert.True(memory.Span.StartsWith("abc"u8));
    }

    [Fact]
    public void StartFunctionRunsAndItsTrapComesOut()
    {
        using var guest = new Guest();
        int started = 0;
        guest.Linker.DefineFunction("host", "started", () => { started++; });

        guest.Instantiate("(module (import \"host\" \"started\" (func $f)) (start $f))");
        Assert.Equal(1, started);
        Assert.Equal(
            TrapKind.Unreachable,
            Assert.Throws<TrapException>(() => guest.Instantiate("(module (func $f unreachable) (start $f))")).Kind);
    }

    [Fact]
    public void ReferencesKeepTheirIdentity()
    {
        using var guest = new Guest();
        Instance instance = guest.Instantiate("""
            (module
              (table (export "t") 2 externref)
              (func $f (export "f") (result i32) (i32.const 3))
              (func (export "self") (result funcref) (ref.func $f))
              (func (export "echo") (param externref) (result externref) (local.get 0))
              (func (export "isnull") (param externref) (result i32) (ref.is_null (local.get 0))))
            """);
        object thing = new();

        Assert.Same(thing, instance.GetFunction<object, object>("echo").Invoke(thing));
        Assert.Null(instance.GetFunction("echo")!.Invoke(Value.FromExternal(null))[0].AsExternal());
        Assert.Equal(1, instance.GetFunction<object, int>("isnull").Invoke(null!));
        Assert.Same(instance.GetFunction("f"), instance.GetFunction<Function>("self").Invoke());
        instance.GetTable("t")![1] = Value.FromExternal(thing);
        Assert.Same(thing, instance.GetTable("t")![1].AsExternal());
    }

    [Fact]
    public void TypedFunctionOfAnotherTypeIsRefused()
    {
        using var guest = new Guest();
        Instance instance = guest.Instantiate("(module (func (export \"f\") (param i32) (result i64) (i64.const 0)))");

        ArgumentException exception = Assert.Throws<ArgumentException>(() => instance.GetFunction<int, int>("f"));

        Assert.Contains("[i32] -> [i64]", exception.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => instance.GetFunction<int, long>("g"));
        Assert.Throws<ArgumentException>(() => instance.GetFunction("f")!.Invoke(1L));
    }

    private static Guest WithHostModule()
    {
        var guest = new Guest();
        guest.Linker.DefineFunction<int>("host", "f", static _ => { });
        guest.Linker.Define("host", "m", new Memory(guest.Store, new MemoryType(new Limits(2, null), false, false)));
        guest.Linker.Define("host", "g", new Global(guest.Store, new GlobalType(ValType.I32, false), 1));
        guest.Linker.Define(
            "host", "t", new Table(guest.Store, new TableType(ValType.FuncRef, new Limits(10, 20), false), Value.Null(ValType.FuncRef)));
        return guest;
    }
}
