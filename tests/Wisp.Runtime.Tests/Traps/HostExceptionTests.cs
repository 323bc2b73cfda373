using Wisp.Wasm.Model;

namespace Wisp.Runtime.Tests.Traps;

public sealed class HostExceptionTests
{
    [Fact]
    public void PassesThroughGuestFramesAndKeepsItsIdentity()
    {
        using var guest = new Guest();
        var thrown = new InvalidDataException("from the host");
        guest.Linker.DefineFunction("host", "throw", () => throw thrown);
        Instance instance = guest.Instantiate("""
            (module
              (import "host" "throw" (func $throw))
              (func $inner (call $throw))
              (func (export "run") (call $inner))
              (func (export "fine") (result i32) (i32.const 7)))
            """);

        Assert.Same(thrown, Assert.Throws<InvalidDataException>(() => instance.GetFunction("run")!.Invoke()));
        Assert.Equal(7, instance.GetFunction<int>("fine").Invoke());
    }

    [Fact]
    public void HostAndGuestNestEachInTheOther()
    {
        using var guest = new Guest();
        Instance? instance = null;
        guest.Linker.DefineFunction<int, int>("host", "down", n => n == 0
            ? 0
            : instance!.GetFunction<int, int>("count").Invoke(n - 1) + 1);
        instance = guest.Instantiate("""
            (module
              (import "host" "down" (func $down (param i32) (result i32)))
              (func (export "count") (param i32) (result i32) (i32.add (call $down (local.get 0)) (i32.const 1))))
            """);

        Assert.Equal(21, instance.GetFunction<int, int>("count").Invoke(10));
    }

    [Fact]
    public void TrapInANestedCallUnwindsOnlyToTheHostFunctionThatCatchesIt()
    {
        using var guest = new Guest();
        Instance? instance = null;
        guest.Linker.DefineFunction("host", "try", () =>
        {
            try
            {
                instance!.GetFunction("trap")!.Invoke();
                return 0;
            }
            catch (TrapException)
            {
                return 1;
            }
        });
        instance = guest.Instantiate("""
            (module
              (import "host" "try" (func $try (result i32)))
              (func (export "trap") unreachable)
              (func (export "run") (result i32) (i32.add (call $try) (call $try))))
            """);

        Assert.Equal(2, instance.GetFunction<int>("run").Invoke());
    }

    [Fact]
    public void EndlessRecursionThroughTheHostEndsAsStackOverflow()
    {
        using var guest = new Guest(new StoreLimits { StackBytes = 128 << 10 });
        Instance? instance = null;
        guest.Linker.DefineFunction("host", "again", () => { instance!.GetFunction("run")!.Invoke(); });
        instance = guest.Instantiate("""
            (module (import "host" "again" (func $again)) (func (export "run") (call $again)))
            """);

        TrapException? trap = null;
        var thread = new Thread(
            () => trap = Assert.Throws<TrapException>(() => instance.GetFunction("run")!.Invoke()), 512 << 10);
        thread.Start();
        thread.Join();

        Assert.Equal(TrapKind.StackOverflow, trap!.Kind);
    }

    [Fact]
    public void ResultThatIsNeverSetIsZero()
    {
        using var guest = new Guest();
        guest.Linker.DefineFunction("host", "f", new FunctionType([], [ValType.I32, ValType.I64]), (ref HostCall _) => { });
        Instance instance = guest.Instantiate("""
            (module (import "host" "f" (func $f (result i32 i64)))
              (func (export "f") (result i32 i64) (call $f)))
            """);

        Assert.Equal([Value.FromInt32(0), Value.FromInt64(0)], instance.GetFunction("f")!.Invoke());
    }
}
