using System.Runtime.Intrinsics;

namespace Wisp.Runtime.Tests.Code;

/// <summary>Vectors across the border, and where they are kept.</summary>
public sealed class VectorTests
{
    private static readonly Vector128<byte> Numbers = Vector128.Create(1, 2, 3, -4).AsByte();

    [Fact]
    public void TypedCallsTakeVectorsOfDotNet()
    {
        using var guest = new Guest();
        Instance instance = guest.Instantiate("""
            (module (func (export "twice") (param v128) (result v128) (i32x4.add (local.get 0) (local.get 0))))
            """);

        Assert.Equal(
            Vector128.Create(2, 4, 6, -8), instance.GetFunction<Vector128<byte>, Vector128<byte>>("twice").Invoke(Numbers).AsInt32());
        Assert.Equal(new UInt128(0, 6), instance.GetFunction<UInt128, UInt128>("twice").Invoke(new UInt128(0, 3)));
    }

    [Fact]
    public void HostFunctionsTakeVectorsOfDotNet()
    {
        using var guest = new Guest();
        guest.Linker.DefineFunction("host", "negate", (Vector128<byte> v) => (-v.AsInt32()).AsByte());
        Instance instance = guest.Instantiate("""
            (module
              (import "host" "negate" (func $negate (param v128) (result v128)))
              (func (export "run") (param v128) (result v128) (call $negate (local.get 0))))
            """);

        Assert.Equal(Vector128.Create(-1, -2, -3, 4), instance.GetFunction("run")!.Invoke(Value.FromVector128(Numbers))[0].AsVector128().AsInt32());
    }

    [Fact]
    public void GlobalsHoldVectors()
    {
        using var guest = new Guest();
        Instance instance = guest.Instantiate("""
            (module
              (global $g (export "g") (mut v128) (v128.const i32x4 1 2 3 4))
              (func (export "step") (global.set $g (i32x4.mul (global.get $g) (global.get $g)))))
            """);

        instance.GetFunction("step")!.Invoke();

        Assert.Equal(Vector128.Create(1, 4, 9, 16), instance.GetGlobal("g")!.Value.AsVector128().AsInt32());
        instance.GetGlobal("g")!.Value = Value.FromVector128(Numbers);
        instance.GetFunction("step")!.Invoke();
        Assert.Equal(Vector128.Create(1, 4, 9, 16), instance.GetGlobal("g")!.Value.AsVector128().AsInt32());
    }

    // More vectors, halves unlike, than there are registers: through slots, and through arguments and results in memory.
    [Fact]
    public void VectorsOutliveCallsAndTailCallsWhole()
    {
        const int Count = 20;
        string parameters = string.Concat(Enumerable.Repeat(" v128", Count));
        string gets = string.Concat(Enumerable.Range(0, Count).Select(i => $"(local.get {i})"));
        string turned = string.Concat(Enumerable.Range(0, Count).Select(i => $"(local.get {(i + 1) % Count})"));
        using var guest = new Guest();
        Instance instance = guest.Instantiate($"""
            (module
              (type $t (func (param{parameters}) (result{parameters})))
              (table funcref (elem $same))
              (func $same (type $t) {gets})
              (func $turn (type $t) (return_call $same {turned}))
              (func $indirect (type $t) (return_call_indirect (type $t) {turned} (i32.const 0)))
              (func (export "run") (type $t) (call $indirect (call $turn {gets})))
            )
            """);
        Value[] values = [.. Enumerable.Range(0, Count).Select(i => Value.FromVector(new UInt128((ulong)i << 40, ~(ulong)i)))];

        Value[] results = instance.GetFunction("run")!.Invoke(values);

        Assert.Equal(values.Select((_, i) => values[(i + 2) % Count]), results);
    }

    [Fact]
    public void LoadPastTheEndTrapsThoughOnlyHalfOfItIsUsed()
    {
        using var guest = new Guest();
        Instance instance = guest.Instantiate("""
            (module (memory 1)
              (func (export "low") (param i32) (result v128) (i16x8.extend_low_i8x16_s (v128.load (local.get 0))))
              (func (export "half") (param i32) (result v128) (v128.load8x8_s (local.get 0)))
              (func (export "lane") (param i32) (result v128) (v128.load16_lane 3 (local.get 0) (v128.const i64x2 0 0)))
              (func (export "put") (param i32) (v128.store64_lane 1 (local.get 0) (v128.const i64x2 0 5))))
            """);

        Assert.Equal(TrapKind.MemoryOutOfBounds, Assert.Throws<TrapException>(() => instance.GetFunction("low")!.Invoke(65528)).Kind);
        instance.GetFunction("half")!.Invoke(65528);
        Assert.Equal(TrapKind.MemoryOutOfBounds, Assert.Throws<TrapException>(() => instance.GetFunction("half")!.Invoke(65529)).Kind);
        instance.GetFunction("lane")!.Invoke(65534);
        Assert.Equal(TrapKind.MemoryOutOfBounds, Assert.Throws<TrapException>(() => instance.GetFunction("lane")!.Invoke(65535)).Kind);
        instance.GetFunction("put")!.Invoke(65528);
        Assert.Equal(TrapKind.MemoryOutOfBounds, Assert.Throws<TrapException>(() => instance.GetFunction("put")!.Invoke(65529)).Kind);
    }
}
