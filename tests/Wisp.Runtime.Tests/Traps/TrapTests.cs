namespace Wisp.Runtime.Tests.Traps;

public sealed class TrapTests
{
    [Theory]
    [InlineData("unreachable", TrapKind.Unreachable)]
    [InlineData("(drop (i32.div_s (i32.const 1) (local.get 0)))", TrapKind.IntegerDivideByZero)]
    [InlineData("(drop (i32.rem_u (i32.const 1) (local.get 0)))", TrapKind.IntegerDivideByZero)]
    [InlineData("(drop (i32.div_s (i32.const 0x80000000) (i32.sub (local.get 0) (i32.const 1))))", TrapKind.IntegerOverflow)]
    [InlineData("(drop (i32.trunc_f32_s (f32.const 3e9)))", TrapKind.IntegerOverflow)]
    [InlineData("(drop (i32.trunc_f32_s (f32.const nan)))", TrapKind.BadConversionToInteger)]
    [InlineData("(drop (i32.load (i32.const 65533)))", TrapKind.MemoryOutOfBounds)]
    [InlineData("(i64.store (i32.const -1) (i64.const 1))", TrapKind.MemoryOutOfBounds)]
    [InlineData("(drop (i32.load8_u offset=0xffffffff (i32.const -1)))", TrapKind.MemoryOutOfBounds)]
    [InlineData("(memory.fill (i32.const 65000) (i32.const 0) (i32.const 1000))", TrapKind.MemoryOutOfBounds)]
    [InlineData("(memory.copy (i32.const 0) (i32.const 65535) (i32.const 2))", TrapKind.MemoryOutOfBounds)]
    [InlineData("(memory.init 0 (i32.const 0) (i32.const 0) (i32.const 5))", TrapKind.MemoryOutOfBounds)]
    [InlineData("(drop (table.get 0 (i32.const 4)))", TrapKind.TableOutOfBounds)]
    [InlineData("(table.fill 0 (i32.const 3) (ref.null func) (i32.const 2))", TrapKind.TableOutOfBounds)]
    [InlineData("(call_indirect (type 0) (local.get 0) (i32.const 9))", TrapKind.UndefinedElement)]
    [InlineData("(call_indirect (type 0) (local.get 0) (i32.const 1))", TrapKind.IndirectCallToNull)]
    [InlineData("(call_indirect (type 1) (i32.const 0))", TrapKind.BadSignature)]
    [InlineData("(drop (ref.as_non_null (ref.null func)))", TrapKind.NullReference)]
    public void EachKindIsTold(string body, TrapKind kind)
    {
        using var guest = new Guest();
        Instance instance = guest.Instantiate($"""
            (module
              (type (func (param i32)))
              (type (func))
              (memory 1)
              (data "abcd")
              (table 4 funcref)
              (elem (i32.const 0) $f)
              (func $f (export "f") (type 0) {body}))
            """);

        TrapException trap = Assert.Throws<TrapException>(() => instance.GetFunction("f")!.Invoke(0));

        Assert.Equal(kind, trap.Kind);
        WasmFrame frame = Assert.Single(trap.Backtrace.Frames);
        Assert.Equal("f", frame.FunctionName);
        Assert.Equal("test", frame.ModuleName);
        Assert.NotEqual(0, frame.Offset);
    }

    [Fact]
    public void BacktraceNamesCallersInnermostFirst()
    {
        using var guest = new Guest();
        Instance instance = guest.Instantiate("""
            (module
              (func $leaf (param i32) (result i32) (i32.div_u (i32.const 1) (local.get 0)))
              (func $middle (param i32) (result i32) (i32.add (call $leaf (local.get 0)) (i32.const 1)))
              (func $outer (export "run") (param i32) (result i32) (i32.add (call $middle (local.get 0)) (i32.const 1))))
            """);

        TrapException trap = Assert.Throws<TrapException>(() => instance.GetFunction<int, int>("run").Invoke(0));

        Assert.Equal(["leaf", "middle", "outer"], trap.Backtrace.Frames.Select(f => f.FunctionName));
        Assert.Equal(3, instance.GetFunction<int, int>("run").Invoke(1));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5000)]
    public void EndlessRecursionExhaustsTheStackInSmallAndHugeFrames(int locals)
    {
        using var guest = new Guest();
        Instance instance = guest.Instantiate(RecursionWithLocals(locals));

        TrapException trap = Assert.Throws<TrapException>(() => instance.GetFunction<int, long>("f").Invoke(int.MaxValue));

        Assert.Equal(TrapKind.StackOverflow, trap.Kind);
        Assert.Equal("call stack exhausted", trap.Message);
    }

    // A call with a deadline begins with a poisoned limit, so that it looks at the clock at once. Having looked, it must still find
    // that the frame is larger than what is left of the stack.
    [Fact]
    public void FrameLargerThanTheStackIsRefusedAfterAnInterruption()
    {
        using var guest = new Guest(new StoreLimits { StackBytes = 128 << 10 });
        Instance instance = guest.Instantiate(RecursionWithLocals(10_000));
        guest.Store.SetDeadline(TimeSpan.FromHours(1));

        TrapException trap = Assert.Throws<TrapException>(() => instance.GetFunction<int, long>("f").Invoke(0));

        Assert.Equal(TrapKind.StackOverflow, trap.Kind);
    }

    [Fact]
    public void TenThousandTrapsOnSeveralThreadsSurviveAConcurrentCollector()
    {
        const int Threads = 4;
        const int TrapsEach = 2500;
        using var guest = new Guest();
        Module module = guest.Compile("""
            (module (memory 1) (func (export "f") (param i32) (result i32) (i32.load (local.get 0))))
            """);
        using var done = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!done.IsCancellationRequested)
            {
                GC.Collect(0);
                Thread.Sleep(1);
            }
        });
        collector.Start();
        int trapped = 0;
        Parallel.For(0, Threads, new ParallelOptions { MaxDegreeOfParallelism = Threads }, _ =>
        {
            using var store = new Store(guest.Engine);
            TypedFunction<int, int> function = new Linker(guest.Engine).Instantiate(store, module).GetFunction<int, int>("f");
            for (int i = 0; i < TrapsEach; i++)
            {
                try
                {
                    function.Invoke(-1 - i);
                }
                catch (TrapException trap) when (trap.Kind == TrapKind.MemoryOutOfBounds)
                {
                    Interlocked.Increment(ref trapped);
                }
            }
        });
        done.Cancel();
        collector.Join();

        Assert.Equal(Threads * TrapsEach, trapped);
    }

    // Locals that live across the call need slots, so the frame grows with their number. Each has a value of its own that must be
    // kept: equal ones would share a slot, and cheap ones might be made again behind the call.
    private static string RecursionWithLocals(int locals)
    {
        string declarations = locals == 0 ? string.Empty : $"(local {string.Concat(Enumerable.Repeat("i64 ", locals))})";
        string sets = string.Concat(Enumerable.Range(1, locals).Select(i => $"(local.set {i} (i64.mul (i64.extend_i32_u (local.get 0)) (i64.const {(2 * i) + 1})))"));
        string sum = string.Concat(Enumerable.Range(1, locals).Select(i => $"local.get {i} i64.add "));
        return $"""
            (module (func $f (export "f") (param i32) (result i64) {declarations}
              {sets}
              (if (i32.eqz (local.get 0)) (then (return (i64.const 0))))
              (i64.add (call $f (i32.sub (local.get 0) (i32.const 1))) (i64.const 1)) {sum}))
            """;
    }
}
