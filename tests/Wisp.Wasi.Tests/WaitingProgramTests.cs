using System.Diagnostics;
using System.IO.Pipelines;
using Wisp.Permissions;
using Wisp.Wasm.Text;

namespace Wisp.Wasi.Tests;

/// <summary>Programs that wait: without a thread each, and stopped when they are to stop.</summary>
public sealed class WaitingProgramTests
{
    // Reads one byte from standard input and exits with it; subscribes to nothing.
    private const string Reader = """
        (module
          (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
          (memory (export "memory") 1)
          (data (i32.const 0) "\10\00\00\00\01\00\00\00")
          (func (export "_start")
            (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
            (call $exit (i32.load8_u (i32.const 16)))))
        """;

    // Sleeps for an hour with poll_oneoff.
    private const string Sleeper = """
        (module
          (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
          (memory (export "memory") 1)
          (func (export "_start")
            (i32.store (i32.const 16) (i32.const 1))
            (i64.store (i32.const 24) (i64.const 3600000000000))
            (drop (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128)))))
        """;

    // Writes 64 KiB to standard output, for ever.
    private const string Flooder = """
        (module
          (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
          (memory (export "memory") 2)
          (data (i32.const 0) "\00\00\01\00\00\00\01\00")
          (func (export "_start")
            (loop $again
              (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
              (br $again))))
        """;

    [Fact]
    public async Task ManyProgramsWaitForInputWithFewThreads()
    {
        const int Programs = 300;
        using Engine engine = new();
        using Module module = Module.Compile(engine, WatParser.ParseModule(Reader, "reader"));
        List<Pipe> pipes = [];
        List<Task<long>> running = [];
        for (int i = 0; i < Programs; i++)
        {
            Pipe pipe = new();
            pipes.Add(pipe);
            running.Add(Run(engine, module, pipe, TestContext.Current.CancellationToken));
        }

        Assert.All(running, program => Assert.False(program.IsCompleted));
        Assert.InRange(Process.GetCurrentProcess().Threads.Count, 1, 100);
        for (int i = 0; i < Programs; i++)
        {
            await pipes[i].Writer.WriteAsync(new byte[] { (byte)i }, TestContext.Current.CancellationToken);
        }

        long[] codes = await Task.WhenAll(running);
        Assert.Equal(Enumerable.Range(0, Programs).Select(i => (long)(byte)i), codes);
    }

    [Theory]
    [InlineData(Reader)]
    [InlineData(Sleeper)]
    public async Task CancellationStopsAProgramThatWaits(string program)
    {
        using Engine engine = new();
        using Module module = Module.Compile(engine, WatParser.ParseModule(program, "waiting"));
        using CancellationTokenSource stop = new();
        Task<long> running = Run(engine, module, new Pipe(), stop.Token);
        Assert.False(running.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(
            TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task FloodOfOutputWaitsForItsReader()
    {
        using Engine engine = new();
        using Module module = Module.Compile(engine, WatParser.ParseModule(Flooder, "flooder"));
        using CancellationTokenSource stop = new();
        Pipe output = new();
        Task<long> running = Run(engine, module, new Pipe(), stop.Token, ByteSink.ToPipe(output.Writer));
        Assert.False(running.IsCompleted);
        Assert.True(output.Reader.TryRead(out ReadResult unread));
        Assert.InRange(unread.Buffer.Length, 1, 1 << 20);
        output.Reader.AdvanceTo(unread.Buffer.Start);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task FloodThatNobodyKeepsIsStoppedAsAnyLoop()
    {
        using Engine engine = new();
        using Module module = Module.Compile(engine, WatParser.ParseModule(Flooder, "flooder"));
        using CancellationTokenSource stop = new(TimeSpan.FromMilliseconds(50));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Run(engine, module, new Pipe(), stop.Token));
    }

    private static async Task<long> Run(
        Engine engine, Module module, Pipe input, CancellationToken cancellationToken, ByteSink? output = null)
    {
        PermissionGate gate = new(Grant.None, "waiting.wasm");
        using WasiContext context = new WasiContextBuilder(gate)
        {
            Input = ByteSource.FromPipe(input.Reader),
            Output = output ?? ByteSink.Null,
        }.Build();
        using Store store = new(engine) { Data = context };
        Linker linker = new(engine);
        WasiPreview1.Define(linker, of => (WasiContext)of.Data!);
        Instance instance = linker.Instantiate(store, module);
        try
        {
            await instance.GetFunction("_start")!.InvokeAsync(default, cancellationToken);
            return 0;
        }
        catch (WasiExitException exit)
        {
            return exit.Code;
        }
    }
}
