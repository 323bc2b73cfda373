using System.Buffers.Binary;
using Wisp.Abi.Images;
using Wisp.Wasm.Model;

namespace Wisp.Runtime.Tests.Snapshots;

public sealed class WaitingImageTests
{
    /// <summary>Waits at the bottom of a recursion, with values of each type alive in each frame, through tables and two memories.</summary>
    private const string Deep = """
        (module
          (import "env" "wait" (func $wait (param i32 i64 f64) (result i32)))
          (type $step (func (param i32 i64 f32 f64 v128) (result i64)))
          (type $other (func (param i32 i64 f32 f64 v128) (result i32)))
          (memory $m (export "memory") 1)
          (memory $n 1)
          (table $t 4 funcref)
          (table $u 0 100 funcref)
          (elem (table $t) (i32.const 0) func $step $odd)
          (global $sum (export "sum") (mut i64) (i64.const 0))
          (func $step (type $step)
            (local $before i64)
            (local $sums v128)
            (local.set $before (i64.load $m (i32.const 64)))
            (i64.store $n (i32.mul (local.get 0) (i32.const 8)) (local.get 1))
            (local.set $sums (i64x2.add (local.get 4) (i64x2.splat (local.get 1))))
            (if (i32.eqz (local.get 0))
              (then (i64.store $m (i32.const 64)
                (i64.extend_i32_s (call $wait (i32.const 5) (local.get 1) (local.get 3))))))
            (if (i32.gt_s (local.get 0) (i32.const 0))
              (then (global.set $sum (i64.add (global.get $sum)
                (call_indirect $t (type $step)
                  (i32.sub (local.get 0) (i32.const 1))
                  (i64.mul (local.get 1) (i64.const 3))
                  (f32.add (local.get 2) (f32.const 0.5))
                  (f64.mul (local.get 3) (f64.const 1.25))
                  (local.get $sums)
                  (i32.and (local.get 0) (i32.const 1)))))))
            (i64.add (i64.add (local.get $before) (i64.load $n (i32.mul (local.get 0) (i32.const 8))))
              (i64.add (i64.add (local.get 1) (i64x2.extract_lane 1 (local.get $sums)))
                (i64.add (i64.trunc_sat_f32_s (local.get 2)) (i64.trunc_sat_f64_s (local.get 3))))))
          (func $odd (type $step)
            (local $i i32)
            (loop $again
              (local.set $i (i32.add (local.get $i) (i32.const 1)))
              (global.set $sum (i64.add (global.get $sum)
                (call_indirect $t (type $step) (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4) (i32.const 0))))
              (br_if $again (i32.lt_s (local.get $i) (i32.const 1))))
            (i64.add (local.get 1) (i64.extend_i32_s (local.get $i))))
          (func (export "run")
            (drop (table.grow $u (ref.func $odd) (i32.const 7)))
            (i64.store $m (i32.const 64) (i64.const 1000))
            (global.set $sum (i64.add (global.get $sum)
              (call $step (i32.const DEPTH) (i64.const 7) (f32.const 1.5) (f64.const 2.5) (v128.const i64x2 11 13))))
            (i64.store $m (i32.const 72) (global.get $sum)))
          (func (export "read") (result i64) (i64.load $m (i32.const 72))))
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0, MemoryBounds.Guarded)]
    [InlineData(1, MemoryBounds.Guarded)]
    [InlineData(2, MemoryBounds.Explicit)]
    [InlineData(9, MemoryBounds.Guarded)]
    [InlineData(9, MemoryBounds.Explicit)]
    [InlineData(200, MemoryBounds.Guarded)]
    public async Task GoesOnAsIfItHadNeverStopped(int depth, MemoryBounds bounds)
    {
        string text = Deep.Replace("DEPTH", $"{depth}", StringComparison.Ordinal);
        using var plain = new Party(text, 0, bounds: bounds);
        plain.Answer.SetResult(42);
        await plain.Instance.GetFunction("run")!.InvokeAsync(default, Stop);
        Value expected = plain.Instance.GetFunction("read")!.Invoke()[0];
        Value sum = plain.Instance.GetGlobal("sum")!.Value;

        byte[] image = await TakeAsync(text, bounds);

        using var last = new Party(image, 3, bounds);
        for (int round = 0; round < 3; round++)
        {
            using var store = new Store(last.Guest.Engine);
            Instance instance = last.Guest.Linker.Instantiate(store, last.Module);
            Assert.True(last.Module.IsWaiting);
            last.Answer = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
            ValueTask running = instance.ContinueAsync(Stop);
            Assert.False(running.IsCompleted);
            Assert.Equal(plain.Arguments, last.Arguments);
            last.Answer.SetResult(42);
            await running;
            Assert.Equal(expected, instance.GetFunction("read")!.Invoke()[0]);
            Assert.Equal(sum, instance.GetGlobal("sum")!.Value);
        }
    }

    [Fact]
    public async Task ManyGoOnAtOnce()
    {
        byte[] image = await TakeAsync(Deep.Replace("DEPTH", "9", StringComparison.Ordinal));
        using var party = new Party(image, 3);
        var stores = new List<Store>();
        var running = new List<(Instance Instance, Task Task)>();
        for (int i = 0; i < 50; i++)
        {
            stores.Add(new Store(party.Guest.Engine));
            Instance instance = party.Guest.Linker.Instantiate(stores[^1], party.Module);
            running.Add((instance, instance.ContinueAsync(Stop).AsTask()));
        }

        party.Answer.SetResult(6);
        await Task.WhenAll(running.Select(pair => pair.Task));
        Assert.Single(running.Select(pair => pair.Instance.GetFunction("read")!.Invoke()[0].AsInt64()).Distinct());
        stores.ForEach(store => store.Dispose());
    }

    [Fact]
    public async Task TrapBehindItHasTheWholeBacktrace()
    {
        byte[] image = await TakeAsync("""
            (module
              (import "env" "wait" (func $wait (param i32 i64 f64) (result i32)))
              (func $inner (if (call $wait (i32.const 5) (i64.const 1) (f64.const 2)) (then unreachable)))
              (func $outer (call $inner))
              (func (export "run") (call $outer)))
            """);
        using var party = new Party(image, 3);
        party.Answer.SetResult(1);
        Instance instance = party.Guest.Linker.Instantiate(party.Guest.Store, party.Module);

        TrapException trap = await Assert.ThrowsAsync<TrapException>(() => instance.ContinueAsync(Stop).AsTask());

        Assert.Equal(TrapKind.Unreachable, trap.Kind);
        Assert.Equal(["inner", "outer", "run"], trap.Backtrace.Frames.Select(frame => frame.FunctionName));
    }

    [Fact]
    public async Task FailuresAndCancellationComeOut()
    {
        byte[] image = await TakeAsync(Deep.Replace("DEPTH", "3", StringComparison.Ordinal));
        using var party = new Party(image, 3);
        using var stop = new CancellationTokenSource();
        Instance instance = party.Guest.Linker.Instantiate(party.Guest.Store, party.Module);
        Task running = instance.ContinueAsync(stop.Token).AsTask();

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await Assert.ThrowsAsync<InvalidOperationException>(() => instance.ContinueAsync(Stop).AsTask());   // once is enough

        using var store = new Store(party.Guest.Engine);
        party.Answer = new TaskCompletionSource<int>();
        party.Answer.SetException(new FormatException("mine"));
        Instance other = party.Guest.Linker.Instantiate(store, party.Module);
        await Assert.ThrowsAsync<FormatException>(() => other.ContinueAsync(Stop).AsTask());
    }

    [Fact]
    public async Task LimitsHoldBehindIt()
    {
        byte[] image = await TakeAsync("""
            (module
              (import "env" "wait" (func $wait (param i32 i64 f64) (result i32)))
              (func (export "run")
                (if (call $wait (i32.const 5) (i64.const 1) (f64.const 2)) (then (loop $again (br $again))))))
            """);
        using var party = new Party(image, 3);
        party.Answer.SetResult(1);
        using var timed = new Store(party.Guest.Engine, new StoreLimits { CpuTime = TimeSpan.FromMilliseconds(20), TimeSlice = TimeSpan.FromMilliseconds(1) });
        Instance limited = party.Guest.Linker.Instantiate(timed, party.Module);
        TrapException trap = await Assert.ThrowsAsync<TrapException>(() => limited.ContinueAsync(Stop).AsTask());
        Assert.Equal(TrapKind.CpuTimeExceeded, trap.Kind);

        using var stop = new CancellationTokenSource(30);
        using var store = new Store(party.Guest.Engine, new StoreLimits { TimeSlice = TimeSpan.FromMilliseconds(1) });
        Instance stopped = party.Guest.Linker.Instantiate(store, party.Module);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stopped.ContinueAsync(stop.Token).AsTask());
    }

    [Fact]
    public async Task StackThatIsTooSmallIsAnOverflow()
    {
        byte[] image = await TakeAsync(Deep.Replace("DEPTH", "1500", StringComparison.Ordinal));
        using var party = new Party(image, 3);
        using var store = new Store(party.Guest.Engine, new StoreLimits { StackBytes = 128 << 10 });
        Instance instance = party.Guest.Linker.Instantiate(store, party.Module);

        TrapException trap = await Assert.ThrowsAsync<TrapException>(() => instance.ContinueAsync(Stop).AsTask());

        Assert.Equal(TrapKind.StackOverflow, trap.Kind);
    }

    [Fact]
    public async Task ImportMustBeAHostFunctionAgain()
    {
        byte[] image = await TakeAsync(Deep.Replace("DEPTH", "1", StringComparison.Ordinal));
        using var guest = new Guest();
        using var module = Module.FromImage(guest.Engine, image);
        guest.Linker.DefineInstance("env", guest.Instantiate(
            """(module (func (export "wait") (param i32 i64 f64) (result i32) (i32.const 1)))"""));
        Instance instance = guest.Linker.Instantiate(guest.Store, module);

        await Assert.ThrowsAsync<InvalidOperationException>(() => instance.ContinueAsync(Stop).AsTask());
    }

    [Fact]
    public async Task OrdinaryInstanceHasNothingToGoOnWith()
    {
        using var guest = new Guest();
        Instance instance = guest.Instantiate("(module)");

        await Assert.ThrowsAsync<InvalidOperationException>(() => instance.ContinueAsync(Stop).AsTask());
    }

    /// <summary>An address that is data to the guest cannot be moved, and nobody knows of it: two runs must agree on all data.</summary>
    [Fact]
    public async Task RunsThatDifferAreRefused()
    {
        const string Text = """
            (module
              (import "env" "wait" (func $wait (param i32 i64 f64) (result i32)))
              (import "env" "number" (func $number (result i64)))
              (memory 1)
              (func (export "on the stack") (local i64)
                (local.set 0 (call $number))
                (drop (call $wait (i32.const 5) (i64.const 1) (f64.const 2)))
                (i64.store (i32.const 0) (local.get 0)))
              (func (export "in memory")
                (i64.store (i32.const 8) (call $number))
                (drop (call $wait (i32.const 5) (i64.const 1) (f64.const 2)))))
            """;
        foreach ((string run, string expected) in new[] { ("on the stack", "guest's stack differs"), ("in memory", "at address 0x8 of memory 0") })
        {
            using var one = new Party(Text, 1);
            using var two = new Party(Text, 2);
            SnapshotException exception = await Assert.ThrowsAsync<SnapshotException>(() => TakeAsync(one, two, run));
            Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task StoreMustHaveBeenMadeForIt()
    {
        string text = Deep.Replace("DEPTH", "1", StringComparison.Ordinal);
        using var one = new Party(text, 1, takesSnapshots: false);
        using var two = new Party(text, 2);

        SnapshotException exception = await Assert.ThrowsAsync<SnapshotException>(() => TakeAsync(one, two, "run"));

        Assert.Contains("was not made to take snapshots", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>In one engine addresses of code and numbers of types are equal in both, and would be kept as data.</summary>
    [Fact]
    public async Task TwinThatWaitsMustBeOfAnotherEngine()
    {
        using var one = new Party(Deep.Replace("DEPTH", "1", StringComparison.Ordinal), 1);
        using var store = new Store(one.Guest.Engine) { TakesSnapshots = true };
        Instance twin = one.Guest.Linker.Instantiate(store, one.Module);
        Task first = one.RunAsync("run");
        Task second = twin.GetFunction("run")!.InvokeAsync(ReadOnlyMemory<Value>.Empty, Stop).AsTask();
        try
        {
            var exception = Assert.Throws<SnapshotException>(() => one.Instance.ToImage(twin));
            Assert.Contains("an engine of its own", exception.Message, StringComparison.Ordinal);
        }
        finally
        {
            one.Answer.SetResult(0);
            await Task.WhenAll(first, second);
        }
    }

    [Fact]
    public async Task SameSnapshotHasTheSameBytes()
    {
        string text = Deep.Replace("DEPTH", "20", StringComparison.Ordinal);
        await Task.Run(() => Guest.FillStacks(0x5ec7e7), Stop);

        Assert.Equal(await TakeAsync(text), await TakeAsync(text));
    }

    /// <summary>With the checksum made right again: each is refused, or has a stack whose frames are frames and whose addresses are
    /// inside of what they name.</summary>
    [Fact]
    public async Task ChangedStackIsRefusedOrBounded()
    {
        byte[] bytes = await TakeAsync(Deep.Replace("DEPTH", "2", StringComparison.Ordinal));
        int entry = ImageFormat.SectionTableAt + ((int)ImageSection.State * ImageFormat.SectionEntryBytes);
        int offset = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(entry + ImageFormat.EntryOffsetAt));
        int length = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(entry + ImageFormat.EntryLengthAt));
        int relocations = CodeImage.Read(bytes, "waiting").State!.Waiting!.Relocations.Length * 20;
        using var guest = new Guest();
        int refused = 0;
        for (int at = offset; at < offset + length; at++)
        {
            foreach (byte change in (ReadOnlySpan<byte>)[1, 8, 0x80, 0xff])
            {
                bytes[at] ^= change;
                BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(ImageFormat.ChecksumAt), CodeImage.Checksum(bytes));
                try
                {
                    Module.FromImage(guest.Engine, bytes.ToArray()).Dispose();
                }
                catch (ImageException)
                {
                    refused += at >= offset + length - relocations ? 1 : 0;
                }

                bytes[at] ^= change;
            }
        }

        Assert.InRange(refused, relocations * 2, relocations * 4);
    }

    private static async Task<byte[]> TakeAsync(string text, MemoryBounds bounds = default)
    {
        using var one = new Party(text, 1, bounds: bounds);
        using var two = new Party(text, 2, bounds: bounds);
        return await TakeAsync(one, two, "run");
    }

    private static async Task<byte[]> TakeAsync(Party one, Party two, string run)
    {
        Task first = one.RunAsync(run);
        Task second = two.RunAsync(run);
        try
        {
            return one.Instance.ToImage(two.Instance);
        }
        finally
        {
            one.Answer.SetResult(0);
            two.Answer.SetResult(0);
            await Task.WhenAll(first, second);
        }
    }

    /// <summary>An engine with an instance, whose host tells the guest a number.</summary>
    private sealed class Party : IDisposable
    {
        private readonly Store _store;

        public Party(string text, int number, bool takesSnapshots = true, MemoryBounds bounds = default)
            : this(number, bounds)
        {
            Module = Guest.Compile(text);
            _store = new Store(Guest.Engine) { TakesSnapshots = takesSnapshots };
            Instance = Guest.Linker.Instantiate(_store, Module);
        }

        public Party(byte[] image, int number, MemoryBounds bounds = default)
            : this(number, bounds)
        {
            Module = Module.FromImage(Guest.Engine, image);
            _store = new Store(Guest.Engine);
        }

        private Party(int number, MemoryBounds bounds)
        {
            Guest = new Guest(options: new EngineOptions { MemoryBounds = bounds });
            Module = null!;
            _store = null!;
            Guest.Linker.DefineFunction("env", "number", new([], [ValType.I64]), (ref HostCall call) => call.SetResult((long)number));
            Guest.Linker.DefineFunction(
                "env", "wait", new([ValType.I32, ValType.I64, ValType.F64], [ValType.I32]), async call =>
                {
                    Arguments = (call.GetInt32(0), call.GetInt64(1), call.GetDouble(2));
                    call.SetResult(await Answer.Task);
                });
        }

        public Guest Guest { get; }

        public Module Module { get; }

        public Instance Instance { get; private set; } = null!;

        public TaskCompletionSource<int> Answer { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public (int, long, double) Arguments { get; private set; }

        public Task RunAsync(string run) => Instance.GetFunction(run)!.InvokeAsync(default, Stop).AsTask();

        public void Dispose()
        {
            _store.Dispose();
            Guest.Dispose();
        }
    }
}
