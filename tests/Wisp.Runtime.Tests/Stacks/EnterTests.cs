using Wisp.Abi;
using Wisp.Wasm.Model;
using static Iced.Intel.AssemblerRegisters;

namespace Wisp.Runtime.Tests.Stacks;

public sealed class EnterTests : IDisposable
{
    private readonly Engine _engine = new();

    public void Dispose() => _engine.Dispose();

    [Fact]
    public void ArgumentsAndResultsPassThroughRegisters()
    {
        using Module module = HandMadeModule.Make(
            _engine,
            "(module (func (export \"sub\") (param i64 i64) (result i64) unreachable))",
            f =>
            {
                f.Asm.mov(rax, rdi);
                f.Asm.sub(rax, rsi);
                f.Asm.ret();
            });
        using var store = new Store(_engine);
        Instance instance = new Linker(_engine).Instantiate(store, module);

        Assert.Equal(30L, instance.GetFunction<long, long, long>("sub").Invoke(72, 42));
        Assert.Equal(Value.FromInt64(-1), Assert.Single(instance.GetFunction("sub")!.Invoke(1L, 2L)));
    }

    [Fact]
    public void ArgumentsAndResultsPastTheRegistersPassThroughMemory()
    {
        // Eight integers in, eight out: the last two of each in memory.
        using Module module = HandMadeModule.Make(
            _engine,
            """
            (module (func (export "f") (param i32 i32 i32 i32 i32 i32 i32 i32)
              (result i32 i32 i32 i32 i32 i32 i32 i32) unreachable))
            """,
            f =>
            {
                f.Asm.push(rbp);
                f.Asm.mov(rbp, rsp);
                f.Asm.mov(r10, __qword_ptr[rbp + 16]);        // argument 6
                f.Asm.mov(r11, __qword_ptr[rbp + 24]);        // argument 7
                f.Asm.mov(__qword_ptr[rbp + 16 + 16], r11);   // result 6
                f.Asm.mov(__qword_ptr[rbp + 16 + 24], r10);   // result 7
                f.Asm.mov(eax, edi);
                f.Asm.xchg(edx, esi);
                f.Asm.mov(edi, r8d);
                f.Asm.mov(r8d, r9d);
                f.Asm.xchg(esi, ecx);
                f.Leave(popBytes: 16);
            });
        using var store = new Store(_engine);
        Function function = new Linker(_engine).Instantiate(store, module).GetFunction("f")!;

        int[] results = Array.ConvertAll(function.Invoke(0, 1, 2, 3, 4, 5, 6, 7), v => v.AsInt32());

        Assert.Equal([0, 1, 2, 3, 4, 5, 7, 6], results);
    }

    [Fact]
    public void HostFunctionIsCalledOnTheHostStackAndReturnsItsResult()
    {
        using Module module = CallsImport("(func (export \"f\") (param i32 i32) (result i32) unreachable)");
        var linker = new Linker(_engine);
        linker.DefineFunction<int, int, int>("host", "f", (a, b) =>
        {
            GC.Collect();
            Assert.NotEmpty(Environment.StackTrace);
            return a * b;
        });
        using var store = new Store(_engine);

        Assert.Equal(42, linker.Instantiate(store, module).GetFunction<int, int, int>("f").Invoke(6, 7));
    }

    [Fact]
    public void HostExceptionComesOutOfTheCallAndTheStoreStaysUsable()
    {
        using Module module = CallsImport("(func (export \"f\") (param i32 i32) (result i32) unreachable)");
        var linker = new Linker(_engine);
        linker.DefineFunction<int, int, int>("host", "f", (a, b) => b == 0 ? throw new DivideByZeroException("b") : a / b);
        using var store = new Store(_engine);
        TypedFunction<int, int, int> function = linker.Instantiate(store, module).GetFunction<int, int, int>("f");

        Assert.Throws<DivideByZeroException>(() => function.Invoke(1, 0));
        Assert.Equal(3, function.Invoke(9, 3));
    }

    [Fact]
    public void TrapIsFoundByItsInstruction()
    {
        using Module module = HandMadeModule.Make(
            _engine, "(module (func (export \"f\") unreachable))", f => f.Trap(TrapCode.IntegerOverflow));
        using var store = new Store(_engine);
        Instance instance = new Linker(_engine).Instantiate(store, module);

        TrapException trap = Assert.Throws<TrapException>(() => instance.GetFunction("f")!.Invoke());

        Assert.Equal(TrapKind.IntegerOverflow, trap.Kind);
        Assert.Equal("integer overflow", trap.Message);
        Assert.Equal([new WasmFrame(0, "f", null, 100)], trap.Backtrace.Frames);
    }

    [Fact]
    public void AccessPastTheMemoryTraps()
    {
        using Module module = HandMadeModule.Make(
            _engine,
            "(module (memory 1) (func (export \"load\") (param i32) (result i32) unreachable))",
            f =>
            {
                f.MayTrap(TrapCode.MemoryOutOfBounds);
                f.Asm.mov(eax, __dword_ptr[r15 + rdi]);
                f.Asm.ret();
            });
        using var store = new Store(_engine);
        TypedFunction<uint, int> load = new Linker(_engine).Instantiate(store, module).GetFunction<uint, int>("load");

        Assert.Equal(0, load.Invoke(65532));
        Assert.Equal(TrapKind.MemoryOutOfBounds, Assert.Throws<TrapException>(() => load.Invoke(65533)).Kind);
        Assert.Equal(TrapKind.MemoryOutOfBounds, Assert.Throws<TrapException>(() => load.Invoke(uint.MaxValue)).Kind);
    }

    [Fact]
    public void EndlessRecursionExhaustsTheStack()
    {
        using Module module = HandMadeModule.Make(
            _engine,
            "(module (func (export \"f\") unreachable))",
            f =>
            {
                Iced.Intel.Label self = f.Asm.CreateLabel();
                f.Asm.Label(ref self);
                f.Enter();
                f.Check();
                f.Asm.call(self);
                f.Leave();
            });
        using var store = new Store(_engine);
        Function function = new Linker(_engine).Instantiate(store, module).GetFunction("f")!;

        TrapException trap = Assert.Throws<TrapException>(() => function.Invoke());

        Assert.Equal(TrapKind.StackOverflow, trap.Kind);
        Assert.True(trap.Backtrace.IsTruncated);
        Assert.Equal(WasmBacktrace.MaxFrames, trap.Backtrace.Frames.Count);
    }

    [Fact]
    public void OverflowIntoTheGuardPageIsCaughtWithoutACheck()
    {
        using Module module = HandMadeModule.Make(
            _engine,
            "(module (func (export \"f\") unreachable))",
            f =>
            {
                Iced.Intel.Label self = f.Asm.CreateLabel();
                f.Asm.Label(ref self);
                f.Asm.push(rbp);
                f.Asm.call(self);
                f.Asm.nop();
            });
        using var store = new Store(_engine);
        Function function = new Linker(_engine).Instantiate(store, module).GetFunction("f")!;

        Assert.Equal(TrapKind.StackOverflow, Assert.Throws<TrapException>(() => function.Invoke()).Kind);
    }

    [Fact]
    public async Task AsyncHostFunctionSuspendsTheGuestAndResumesItElsewhere()
    {
        using Module module = CallsImport("(func (export \"f\") (param i32 i32) (result i32) unreachable)");
        var linker = new Linker(_engine);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        linker.DefineFunction(
            "host", "f", new FunctionType([ValType.I32, ValType.I32], [ValType.I32]), async call =>
            {
                await gate.Task.ConfigureAwait(false);
                call.SetResult(call.GetInt32(0) + call.GetInt32(1));
            });
        using var store = new Store(_engine);
        Function function = linker.Instantiate(store, module).GetFunction("f")!;

        Task<Value[]> first = function.InvokeAsync(new Value[] { 1, 2 }, TestContext.Current.CancellationToken).AsTask();
        Task<Value[]> second = function.InvokeAsync(new Value[] { 3, 4 }, TestContext.Current.CancellationToken).AsTask();
        Assert.False(first.IsCompleted);
        gate.SetResult();

        Assert.Equal(3, (await first)[0].AsInt32());
        Assert.Equal(7, (await second)[0].AsInt32());
    }

    [Fact]
    public void EndlessLoopIsStoppedByItsDeadline()
    {
        using Module module = Spins();
        using var store = new Store(_engine);
        Function spin = new Linker(_engine).Instantiate(store, module).GetFunction("spin")!;
        store.SetDeadline(TimeSpan.FromMilliseconds(20));

        Assert.Equal(TrapKind.DeadlineExceeded, Assert.Throws<TrapException>(() => spin.Invoke()).Kind);
    }

    [Fact]
    public void EndlessLoopIsStoppedByInterrupt()
    {
        using Module module = Spins();
        using var store = new Store(_engine);
        Function spin = new Linker(_engine).Instantiate(store, module).GetFunction("spin")!;
        using var timer = new Timer(_ => store.Interrupt(), null, 20, Timeout.Infinite);

        Assert.Equal(TrapKind.Interrupted, Assert.Throws<TrapException>(() => spin.Invoke()).Kind);
    }

    [Fact]
    public void NullReferenceExceptionsOfTheHostStillWork()
    {
        string? text = Environment.GetEnvironmentVariable("WISP_THERE_IS_NO_SUCH_VARIABLE");

        Assert.Throws<NullReferenceException>(() => text!.Length);
    }

    private Module CallsImport(string function) => HandMadeModule.Make(
        _engine,
        $"(module (import \"host\" \"f\" (func (param i32 i32) (result i32))) {function})",
        f =>
        {
            f.Enter();
            f.CallImport(0);
            f.Leave();
        });

    private Module Spins() => HandMadeModule.Make(
        _engine,
        "(module (func (export \"spin\") unreachable))",
        f =>
        {
            Iced.Intel.Label loop = f.Asm.CreateLabel();
            f.Asm.Label(ref loop);
            f.Asm.nop();
            f.Check();
            f.Asm.jmp(loop);
        });
}
