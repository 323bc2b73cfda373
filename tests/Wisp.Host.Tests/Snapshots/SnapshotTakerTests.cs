using System.Text;
using Wisp.Host.Invocations;
using Wisp.Host.Snapshots;
using Wisp.Permissions;
using Wisp.Wasi;
using Wisp.Wasm.Text;

namespace Wisp.Host.Tests.Snapshots;

public sealed class SnapshotTakerTests
{
    private const string Head = "Content-Type: text/plain\r\n\r\n";

    private const string Imports = """
        (import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes_get (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "clock_time_get" (func $clock_time_get (param i32 i64 i32) (result i32)))
        (import "wasi_snapshot_preview1" "environ_get" (func $environ_get (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes_get (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_close" (func $fd_close (param i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_fdstat_get" (func $fd_fdstat_get (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_filestat_get" (func $fd_filestat_get (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_prestat_get" (func $fd_prestat_get (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_prestat_dir_name" (func $fd_prestat_dir_name (param i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "path_open" (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
        (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "sched_yield" (func $sched_yield (result i32)))
        (import "wasi_snapshot_preview1" "sock_accept" (func $sock_accept (param i32 i32 i32) (result i32)))
        (memory (export "memory") 4)
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>What start-up may not do, and the words that say why.</summary>
    [Theory]
    [InlineData("(drop (call $clock_time_get (i32.const 0) (i64.const 0) (i32.const 0)))", "calls clock_time_get: a snapshot would keep the time")]
    [InlineData("(drop (call $random_get (i32.const 0) (i32.const 8)))", "calls random_get: every instance would have the same random numbers")]
    [InlineData("(drop (call $environ_get (i32.const 0) (i32.const 8)))", "calls environ_get: each request has its own environment, and secrets are in it")]
    [InlineData("(drop (call $environ_sizes_get (i32.const 0) (i32.const 8)))", "calls environ_sizes_get:")]
    [InlineData("(drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 8)))", "calls fd_read: standard input is the body")]
    [InlineData("(drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 8)))", "calls fd_write: what it writes to standard output")]
    [InlineData("(drop (call $fd_close (i32.const 2)))", "calls fd_close: its effect")]
    [InlineData("(drop (call $fd_fdstat_get (i32.const 3) (i32.const 0)))", "calls fd_fdstat_get: its effect")]
    [InlineData("(drop (call $fd_filestat_get (i32.const 0) (i32.const 0)))", "calls fd_filestat_get: its effect")]
    [InlineData("(drop (call $path_open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i64.const 0) (i64.const 0) (i32.const 0) (i32.const 0)))", "calls path_open: granted directories are not open yet")]
    [InlineData("(drop (call $poll_oneoff (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0)))", "calls poll_oneoff: start-up cannot wait")]
    [InlineData("(drop (call $sock_accept (i32.const 3) (i32.const 0) (i32.const 0)))", "calls sock_accept: there is no network yet")]
    [InlineData("(call $proc_exit (i32.const 0))", "calls proc_exit: the program ends before it is ready")]
    [InlineData("unreachable", "start-up traps: ")]
    public async Task WhatASnapshotMustNotHoldEndsTheAttempt(string startUp, string expected)
    {
        using Module module = Reactor(startUp, string.Empty, "x");

        SnapshotRefusedException exception = await Assert.ThrowsAsync<SnapshotRefusedException>(
            () => SnapshotTaker.TakeAsync(module, Request(), Stop));

        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartUpThatAsksForNothingDifferingIsKept()
    {
        using Module module = Reactor(
            """
            (drop (call $args_sizes_get (i32.const 0) (i32.const 4)))
            (drop (call $args_get (i32.const 16) (i32.const 64)))
            (drop (call $fd_prestat_get (i32.const 3) (i32.const 128)))
            (drop (call $fd_prestat_dir_name (i32.const 3) (i32.const 136) (i32.const 1)))
            (drop (call $fd_fdstat_get (i32.const 1) (i32.const 160)))
            (drop (call $sched_yield))
            (i32.store (i32.const 200) (i32.const 1024))
            (i32.store (i32.const 204) (i32.const 5))
            (drop (call $fd_write (i32.const 2) (i32.const 200) (i32.const 1) (i32.const 208)))
            (i32.store8 (i32.const 1024) (i32.add (i32.const 48) (i32.load (i32.const 0))))
            """,
            Write(1024, 5), "hello");
        SnapshotRequest request = Request(new GrantBuilder().AddDirectory(Path.GetTempPath(), "/tmp").Build());

        using var snapshot = Module.FromImage(RunningServer.Engine, await SnapshotTaker.TakeAsync(module, request, Stop));

        Assert.True(snapshot.IsSnapshot);
        Assert.Equal(new SnapshotNotes("_initialize", 0), SnapshotNotes.Of(snapshot));
        Assert.Equal("1ello", await AnswerAsync(snapshot, request));
    }

    [Fact]
    public async Task ArgumentsAreRefusedWhenASecretIsAmongThem()
    {
        using Module module = Reactor("(drop (call $args_get (i32.const 16) (i32.const 64)))", string.Empty, "x");

        await SnapshotTaker.TakeAsync(module, Request(), Stop);
        SnapshotRefusedException exception = await Assert.ThrowsAsync<SnapshotRefusedException>(
            () => SnapshotTaker.TakeAsync(module, Request() with { HasSecretArguments = true }, Stop));

        Assert.Contains("calls args_get: a secret is among its arguments", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FixedClockAndSeededNumbersGoOnWhereStartUpLeftThem()
    {
        using Module module = Reactor(
            """
            (drop (call $clock_time_get (i32.const 0) (i64.const 0) (i32.const 2048)))
            (drop (call $random_get (i32.const 2056) (i32.const 12)))
            """,
            "(drop (call $random_get (i32.const 2072) (i32.const 8)))" + Write(2048, 32), "x");
        Grant grant = Grant.None with { Clock = new ClockGrant(DateTimeOffset.UnixEpoch.AddDays(3)), Random = new RandomGrant(7) };
        SnapshotRequest request = Request(grant);

        using var snapshot = Module.FromImage(RunningServer.Engine, await SnapshotTaker.TakeAsync(module, request, Stop));

        Assert.Equal(2ul, SnapshotNotes.Of(snapshot).RandomWords);
        string without = await AnswerAsync(module, request);
        Assert.Equal(without, await AnswerAsync(snapshot, request));
        Assert.NotEqual(without[8..16], without[24..]);   // not the same numbers again
    }

    [Fact]
    public async Task SecretsAndVariablesAreNotInTheImage()
    {
        using Module module = Reactor(
            "(i32.store (i32.const 4096) (i32.const 1))",
            """
            (drop (call $environ_sizes_get (i32.const 0) (i32.const 4)))
            (drop (call $environ_get (i32.const 4096) (i32.const 65536)))
            """ + Write(65536, 21),
            "x");
        Grant grant = new GrantBuilder().AddEnvironment("KEY", "s3cret-0f-th3-app").Build();
        SnapshotRequest request = Request(grant);

        byte[] image = await SnapshotTaker.TakeAsync(module, request, Stop);

        Assert.Equal(-1, image.AsSpan().IndexOf("s3cret"u8));
        using var snapshot = Module.FromImage(RunningServer.Engine, image);
        Assert.Equal("KEY=s3cret-0f-th3-app", await AnswerAsync(snapshot, request));
    }

    [Fact]
    public async Task StartUpStopsWhenItIsGivenUp()
    {
        using Module module = Reactor("(loop $again (br $again))", string.Empty, "x");
        using var stop = new CancellationTokenSource(50);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SnapshotTaker.TakeAsync(module, Request(), stop.Token));
    }

    [Fact]
    public async Task StartUpThatNeedsMoreMemoryThanItsLimitIsRefused()
    {
        using Module module = Reactor("(if (i32.eq (memory.grow (i32.const 100)) (i32.const -1)) (then unreachable))", string.Empty, "x");
        SnapshotRequest request = Request() with { Limits = new StoreLimits { MaxMemoryBytes = 1 << 20 } };

        await SnapshotTaker.TakeAsync(module, Request(), Stop);
        await Assert.ThrowsAsync<SnapshotRefusedException>(() => SnapshotTaker.TakeAsync(module, request, Stop));
    }

    [Theory]
    [InlineData("Status: 404 Not Found\r\nContent-Type: text/plain\r\n\r\nbody", "status 200 without it, 404 with it")]
    [InlineData("Content-Type: text/html\r\n\r\nbody", "header 1 (Content-Type) without it, 1 (Content-Type) with it")]
    [InlineData("Content-Type: text/plain\r\n\r\nbone", "the bodies differ from byte 2 on")]
    public async Task SnapshotThatAnswersDifferentlyIsRefused(string answer, string expected)
    {
        using Module module = Reactor(string.Empty, Write(1024, 32), Head + "body");
        using Module other = Reactor(string.Empty, Write(1024, answer.Length), answer);
        byte[] snapshot = await SnapshotTaker.TakeAsync(other, Request(), Stop);

        SnapshotRefusedException exception = await Assert.ThrowsAsync<SnapshotRefusedException>(
            () => new SnapshotProbe(module, Request(), TimeSpan.FromSeconds(60)).CompareAsync(snapshot, Stop));

        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SnapshotThatEndsDifferentlyIsRefused()
    {
        using Module module = Reactor(string.Empty, "(call $proc_exit (i32.const 3))", "x");
        using Module other = Reactor(string.Empty, "unreachable", "x");
        byte[] snapshot = await SnapshotTaker.TakeAsync(other, Request(), Stop);

        SnapshotRefusedException exception = await Assert.ThrowsAsync<SnapshotRefusedException>(
            () => new SnapshotProbe(module, Request(), TimeSpan.FromSeconds(60)).CompareAsync(snapshot, Stop));

        Assert.Contains("without it the program ends with code 3, with it the program traps", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AppWithASnapshotNeverRunsStartUpAgain()
    {
        var programs = new Dictionary<string, byte[]>
        {
            ["app.wasm"] = Programs.Reactor(
                """
                (func (export "_initialize") (call $write (i32.const 2) (i32.const 1024) (i32.const {length})))
                (func (export "handle") (call $write (i32.const 1) (i32.const 1024) (i32.const {length})))
                """,
                Head + "ready\n"),
        };
        const string Manifest = """
            [[trigger.http]]
            route = "/..."
            component = "app"
            [component.app]
            source = "app.wasm"

            """;
        await using RunningApp app = await RunningApp.StartAsync(Manifest + "instances.snapshot = true", programs);
        await using RunningApp plain = await RunningApp.StartAsync(Manifest + "instances.snapshot = false", programs);

        Assert.Equal("ready\n", await app.Client.GetStringAsync("/", Stop));
        Assert.Equal("ready\n", await plain.Client.GetStringAsync("/", Stop));
        Assert.Contains("stderr: ready", await plain.LogAsync("stderr: ready"), StringComparison.Ordinal);
        Assert.DoesNotContain("stderr", await app.LogAsync("GET"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AppThatCannotHaveItsSnapshotIsNotLoaded()
    {
        var programs = new Dictionary<string, byte[]>
        {
            ["app.wasm"] = Programs.Reactor(
                """
                (func (export "_initialize") (drop (call $environ_get (i32.const 0) (i32.const 0))))
                (func (export "handle"))
                """, "x"),
        };

        IOException exception = await Assert.ThrowsAsync<IOException>(() => RunningApp.StartAsync(
            """
            [[trigger.http]]
            route = "/..."
            component = "app"
            [component.app]
            source = "app.wasm"
            instances.snapshot = true
            """, programs));

        Assert.StartsWith("component app: instances.snapshot: start-up calls environ_get: ", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>A command that counts, says so, reads its input and answers with the count, an argument of a frame, the input and a variable.</summary>
    [Fact]
    public async Task CommandGoesOnWhereItFirstReadsItsInput()
    {
        var programs = new Dictionary<string, byte[]> { ["app.wasm"] = WatParser.ParseModule(Command) };
        const string Manifest = """
            [[trigger.http]]
            route = "/..."
            component = "app"
            [component.app]
            source = "app.wasm"
            permissions.env = ["NAME=value"]

            """;
        await using RunningApp app = await RunningApp.StartAsync(Manifest + "instances.snapshot = true", programs);
        await using RunningApp plain = await RunningApp.StartAsync(Manifest + "instances.snapshot = false", programs);
        foreach (string body in (string[])["", "one body", new string('x', 500)])
        {
            string[] answers = [await PostAsync(app, body), await PostAsync(plain, body)];
            Assert.StartsWith($"1000000 7 {body}", answers[0], StringComparison.Ordinal);
            Assert.Contains("NAME=value", answers[0], StringComparison.Ordinal);
            Assert.Equal(Count(answers[1]), Count(answers[0]));
        }

        Assert.Contains("stderr: ready", await plain.LogAsync("stderr: ready"), StringComparison.Ordinal);
        Assert.DoesNotContain("stderr", app.Log, StringComparison.Ordinal);
        var many = Enumerable.Range(0, 40).Select(async i => (Body: $"body {i}", Answer: await PostAsync(app, $"body {i}"))).ToArray();
        Assert.All(await Task.WhenAll(many), pair => Assert.StartsWith($"1000000 7 {pair.Body}", pair.Answer, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "the program ends before it reads standard input")]
    [InlineData("(call $proc_exit (i32.const 0))", "calls proc_exit: the program ends before it reads standard input")]
    [InlineData("unreachable", "start-up traps: ")]
    [InlineData("(drop (call $environ_get (i32.const 0) (i32.const 8)))", "calls environ_get: ")]
    public async Task CommandThatDoesNotComeToReadItsInputIsRefused(string body, string expected)
    {
        using Module module = Module.Compile(
            RunningServer.Engine, WatParser.ParseModule($"(module {Imports} (func (export \"_start\") {body}))"), "test");

        SnapshotRefusedException exception = await Assert.ThrowsAsync<SnapshotRefusedException>(
            () => SnapshotTaker.TakeAsync(module, Request(), Stop));

        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CommandStopsWhenItsSnapshotIsGivenUp()
    {
        using Module module = Module.Compile(
            RunningServer.Engine, WatParser.ParseModule($"(module {Imports} (func (export \"_start\") (loop $again (br $again))))"), "test");
        using var stop = new CancellationTokenSource(50);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SnapshotTaker.TakeAsync(module, Request(), stop.Token));
    }

    private const string Command = $$"""
        (module {{Imports}}
          (data (i32.const 1024) "Content-Type: text/plain\0d\0a\0d\0a1000000 ")
          (data (i32.const 1100) "ready\0a")
          (func $write (param $fd i32) (param $at i32) (param $count i32)
            (i32.store (i32.const 0) (local.get $at))
            (i32.store (i32.const 4) (local.get $count))
            (if (call $fd_write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8)) (then unreachable)))
          (func $answer (param $seven i32) (param $count i32)
            (local $length i32)
            (i32.store (i32.const 16) (i32.const 65536))
            (i32.store (i32.const 20) (i32.const 65536))
            (if (call $fd_read (i32.const 0) (i32.const 16) (i32.const 1) (i32.const 24)) (then unreachable))
            (local.set $length (i32.load (i32.const 24)))
            (if (i32.ne (local.get $count) (i32.const 1000000)) (then unreachable))
            (call $write (i32.const 1) (i32.const 1024) (i32.const 36))
            (i32.store8 (i32.const 32) (i32.add (i32.const 48) (local.get $seven)))
            (i32.store8 (i32.const 33) (i32.const 32))
            (call $write (i32.const 1) (i32.const 32) (i32.const 2))
            (call $write (i32.const 1) (i32.const 65536) (local.get $length))
            (drop (call $environ_sizes_get (i32.const 40) (i32.const 44)))
            (drop (call $environ_get (i32.const 4096) (i32.const 131072)))
            (call $write (i32.const 1) (i32.const 131072) (i32.load (i32.const 44))))
          (func (export "_start") (local $count i32)
            (call $write (i32.const 2) (i32.const 1100) (i32.const 6))
            (loop $again (br_if $again (i32.lt_u (local.tee $count (i32.add (local.get $count) (i32.const 1))) (i32.const 1000000))))
            (call $answer (i32.const 7) (local.get $count))))
        """;

    private static int Count(string answer) => answer.Count(c => c == '=');

    private static async Task<string> PostAsync(RunningApp app, string body)
    {
        using var content = new StringContent(body);
        using HttpResponseMessage response = await app.Client.PostAsync("/", content, Stop);
        return await response.Content.ReadAsStringAsync(Stop);
    }

    private static string Write(int at, int count) => $"""
        (i32.store (i32.const 3000) (i32.const {at}))
        (i32.store (i32.const 3004) (i32.const {count}))
        (drop (call $fd_write (i32.const 1) (i32.const 3000) (i32.const 1) (i32.const 3008)))
        """;

    private static Module Reactor(string startUp, string handle, string data)
    {
        string escaped = string.Concat(Encoding.UTF8.GetBytes(data).Select(b => $"\\{b:x2}"));
        return Module.Compile(RunningServer.Engine, WatParser.ParseModule($"""
            (module {Imports} (data (i32.const 1024) "{escaped}")
              (func (export "_initialize") {startUp})
              (func (export "handle") {handle}))
            """), "test");
    }

    private static SnapshotRequest Request(Grant? grant = null) =>
        new(grant ?? Grant.None, ["test"], new StoreLimits());

    private static async Task<string> AnswerAsync(Module module, SnapshotRequest request)
    {
        var program = new FunctionProgram(module, new PermissionGate(request.Grant, "test"), request.Arguments);
        var output = new MemoryStream();
        await new ProgramRun(program, request.Limits).RunAsync(
            new ProgramStreams(ByteSource.Empty, ByteSink.ToStream(output), ByteSink.Null), [], Stop);
        return Encoding.Latin1.GetString(output.ToArray());
    }
}
