using Wisp.Wasm.Model;

namespace Wisp.Runtime.Tests.Stacks;

public sealed class HostCallTests
{
    [Fact]
    public void ArgumentsAndResultsOfEveryKindPassBothWaysAlsoInMemory()
    {
        // Ten of each register class: the registers run out and the rest goes through memory.
        ValType[] types = [.. Enumerable.Range(0, 50).Select(i => (i % 5) switch
        {
            0 => ValType.I32,
            1 => ValType.F64,
            2 => ValType.I64,
            3 => ValType.V128,
            _ => ValType.F32,
        })];
        Value[] values = [.. types.Select((type, i) => type.Kind switch
        {
            ValueKind.I32 => Value.FromInt32(-i),
            ValueKind.I64 => Value.FromInt64(-1L << i),
            ValueKind.F32 => Value.FromSingle(i + 0.5f),
            ValueKind.V128 => Value.FromVector(new UInt128(~(ulong)i, (ulong)i * 0x0101_0101)),
            _ => Value.FromDouble(-i - 0.25),
        })];
        string text = string.Join(' ', types.Select(t => t.Kind.ToString().ToLowerInvariant()));
        string gets = string.Concat(Enumerable.Range(0, types.Length).Select(i => $"(local.get {i})"));
        using var guest = new Guest();
        int calls = 0;
        guest.Linker.DefineFunction("host", "sync", new FunctionType(types, types), (ref HostCall call) =>
        {
            calls++;
            for (int i = 0; i < values.Length; i++)
            {
                Assert.Equal(values[i], call.GetValue(i));
                call.SetResult(i, call.GetValue(i));
            }
        });
        guest.Linker.DefineFunction("host", "async", new FunctionType(types, types), async call =>
        {
            calls++;
            await Task.Yield();
            for (int i = 0; i < values.Length; i++)
            {
                call.SetResult(i, call.GetValue(i));
            }
        });
        Instance instance = guest.Instantiate($"""
            (module
              (type $t (func (param {text}) (result {text})))
              (import "host" "sync" (func $sync (type $t)))
              (import "host" "async" (func $async (type $t)))
              (func (export "run") (type $t) (call $async (call $sync {gets}))))
            """);

        Assert.Equal(values, instance.GetFunction("run")!.Invoke(values));
        Assert.Equal(2, calls);
    }

    [Fact]
    public async Task HostFunctionIsCalledByTheHostWithoutAnInstance()
    {
        using var guest = new Guest();
        var sync = new Function(guest.Store, new FunctionType([ValType.I32], [ValType.I32]), (ref HostCall call) =>
        {
            Assert.Null(call.Instance);
            Assert.Null(call.Memory);
            call.SetResult(call.GetInt32(0) * 2);
        });
        var waiting = new Function(guest.Store, new FunctionType([], [ValType.I64]), async call =>
        {
            await Task.Yield();
            call.SetResult(9L);
        });

        Assert.Equal(14, sync.Invoke(7)[0].AsInt32());
        Assert.Equal(9, (await waiting.InvokeAsync(default, TestContext.Current.CancellationToken))[0].AsInt64());
    }

    [Fact]
    public void HostFunctionSeesItsCallersMemory()
    {
        using var guest = new Guest();
        guest.Linker.DefineFunction("host", "peek", new FunctionType([ValType.I32], [ValType.I32]), (ref HostCall call) =>
        {
            Assert.True(call.Memory!.Guest.TryReadUInt32((uint)call.GetInt32(0), out uint value));
            call.SetResult((int)value);
        });
        Instance instance = guest.Instantiate("""
            (module (import "host" "peek" (func $peek (param i32) (result i32)))
              (memory (export "memory") 1) (data (i32.const 16) "\2a\00\00\00")
              (func (export "run") (result i32) (call $peek (i32.const 16))))
            """);

        Assert.Equal(42, instance.GetFunction<int>("run").Invoke());
    }

    [Fact]
    public void HostFunctionInATableIsCalledIndirectlyAndCheckedForItsType()
    {
        using var guest = new Guest();
        Instance instance = guest.Instantiate("""
            (module (table (export "t") 2 funcref)
              (func (export "call") (param i32) (result i32) (call_indirect (param i32) (result i32) (local.get 0) (i32.const 0)))
              (func (export "wrong") (result i64) (call_indirect (result i64) (i32.const 0))))
            """);
        instance.GetTable("t")![0] = Value.FromFunction(new Function(
            guest.Store, new FunctionType([ValType.I32], [ValType.I32]), (ref HostCall call) => call.SetResult(call.GetInt32(0) + 1)));

        Assert.Equal(6, instance.GetFunction<int, int>("call").Invoke(5));
        Assert.Equal(
            TrapKind.BadSignature,
            Assert.Throws<TrapException>(() => instance.GetFunction<long>("wrong").Invoke()).Kind);
    }

    [Fact]
    public void ResultOfAnotherTypeIsRefusedAndComesOutOfTheCall()
    {
        using var guest = new Guest();
        guest.Linker.DefineFunction(
            "host", "f", new FunctionType([], [ValType.I32]), (ref HostCall call) => call.SetResult(1L));
        Instance instance = guest.Instantiate("""
            (module (import "host" "f" (func $f (result i32))) (func (export "run") (result i32) (call $f)))
            """);

        Assert.Throws<InvalidOperationException>(() => instance.GetFunction<int>("run").Invoke());
    }

    [Fact]
    public void TypedCallAllocatesNothing()
    {
        using var guest = new Guest();
        guest.Linker.DefineFunction<int, int>("host", "f", static x => x + 1);
        TypedFunction<int, int> run = guest.Instantiate("""
            (module (import "host" "f" (func $f (param i32) (result i32)))
              (func (export "run") (param i32) (result i32) (call $f (local.get 0))))
            """).GetFunction<int, int>("run");
        for (int i = 0; i < 100; i++)
        {
            run.Invoke(i);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            run.Invoke(i);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void StoreRefusesMoreInstancesThanItsLimit()
    {
        using var guest = new Guest(new StoreLimits { MaxInstances = 1 });
        Module module = guest.Compile("(module)");
        guest.Linker.Instantiate(guest.Store, module);

        Assert.Throws<LinkException>(() => guest.Linker.Instantiate(guest.Store, module));
    }

    [Fact]
    public void StoreCannotBeDisposedByItsOwnGuestAndStaysUsable()
    {
        using var guest = new Guest();
        guest.Linker.DefineFunction("host", "f", () => guest.Store.Dispose());
        Instance instance = guest.Instantiate("""
            (module (import "host" "f" (func $f)) (func (export "run") (call $f)) (func (export "one") (result i32) (i32.const 1)))
            """);

        Assert.Throws<InvalidOperationException>(() => instance.GetFunction("run")!.Invoke());
        Assert.Equal(1, instance.GetFunction<int>("one").Invoke());
    }
}
