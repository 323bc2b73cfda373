using System.Net;

namespace Wisp.Host.Tests.Invocations;

/// <summary>Each key of <c>[component.NAME.limits]</c> holds, and the log says which one a request met. Requests and answers: AppServerTests.</summary>
public sealed class LimitTests
{
    private const string Head = "Content-Type: text/plain\n\n";

    // Grows by a page as often as it is told to, and then does what fails.
    private const string GrowThen = """
        (local $i i32)
        (loop $again
          (if (i32.eq (memory.grow (i32.const 16)) (i32.const -1)) (then FAIL))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br_if $again (i32.lt_u (local.get $i) (i32.const 8))))
        (call $write (i32.const 1) (i32.const 1024) (i32.const {length}))
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("unreachable", "trap: unreachable")]
    [InlineData("(call $proc_exit (i32.const 134))", "exit code 134")]
    [InlineData("(return)", "no output")]
    public async Task ProgramThatIsRefusedMemoryAndThenFailsMetThatLimit(string failure, string noted)
    {
        byte[] program = Programs.Program(GrowThen.Replace("FAIL", failure, StringComparison.Ordinal), Head);
        await using RunningApp app = await StartAsync("memory = \"4MiB\"", program);

        HttpResponseMessage answer = await app.Client.GetAsync("/", Stop);

        Assert.InRange((int)answer.StatusCode, 500, 502);
        Assert.Contains("component=c limit=memory\n", await app.LogAsync("component=c"), StringComparison.Ordinal);
        Assert.Contains(noted, app.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ProgramThatAnswersWithoutTheMemoryThatItWasRefusedMetNoLimit()
    {
        string answers = "(call $write (i32.const 1) (i32.const 1024) (i32.const {length})) (return)";
        await using RunningApp app = await StartAsync(
            "memory = \"4MiB\"", Programs.Program(GrowThen.Replace("FAIL", answers, StringComparison.Ordinal), Head));

        Assert.Equal(HttpStatusCode.OK, (await app.Client.GetAsync("/", Stop)).StatusCode);
        Assert.EndsWith("component=c\n", await app.LogAsync("component=c"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task MemoryBelowTheLimitIsGiven()
    {
        await using RunningApp app = await StartAsync("memory = \"16MiB\"", Programs.Program(GrowThen.Replace("FAIL", "unreachable", StringComparison.Ordinal), Head));

        Assert.Equal(HttpStatusCode.OK, (await app.Client.GetAsync("/", Stop)).StatusCode);
        Assert.Contains("memory=8.3MiB", await app.LogAsync("component=c"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TrapOfItsOwnIsNoLimit()
    {
        await using RunningApp app = await StartAsync("memory = \"1MiB\"", Programs.Trap);

        Assert.Equal(HttpStatusCode.InternalServerError, (await app.Client.GetAsync("/", Stop)).StatusCode);
        Assert.EndsWith("component=c\n", await app.LogAsync("component=c"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task GrowthToFourGibibytesIsRefusedByTheLimitThatHoldsWithoutBeingSaid()
    {
        byte[] program = Programs.Program("(if (i32.eq (memory.grow (i32.const 65532)) (i32.const -1)) (then unreachable))");
        await using RunningApp app = await StartAsync("", program);

        Assert.Equal(HttpStatusCode.InternalServerError, (await app.Client.GetAsync("/", Stop)).StatusCode);
        Assert.Contains("component=c limit=memory\n", await app.LogAsync("component=c"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RefusedTableElementsAreNamed()
    {
        byte[] program = Programs.Program(
            "(if (i32.eq (table.grow $t (ref.null func) (i32.const 1000)) (i32.const -1)) (then unreachable))", fields: "(table $t 10 funcref)");
        await using RunningApp app = await StartAsync("tables = 1000", program);

        Assert.Equal(HttpStatusCode.InternalServerError, (await app.Client.GetAsync("/", Stop)).StatusCode);
        Assert.Contains("component=c limit=tables\n", await app.LogAsync("component=c"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task EndlessRecursionIsNamedStack()
    {
        byte[] program = Programs.Program("(drop (call $deep (i32.const 1)))", fields: """
            (func $deep (param i32) (result i32) (i32.add (call $deep (i32.add (local.get 0) (i32.const 1))) (local.get 0)))
            """);
        await using RunningApp app = await StartAsync("stack = \"256KiB\"", program);

        Assert.Equal(HttpStatusCode.InternalServerError, (await app.Client.GetAsync("/", Stop)).StatusCode);
        Assert.Contains("component=c limit=stack\n", await app.LogAsync("component=c"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task StackHoldsAsManyFramesAsItsLimitAllows()
    {
        // A frame of this function takes at least 16 bytes and at most 64.
        const string Function = """
            (func $deep (param i32) (result i32)
              (if (result i32) (local.get 0)
                (then (i32.add (call $deep (i32.sub (local.get 0) (i32.const 1))) (local.get 0)))
                (else (i32.const 0))))
            """;
        byte[] Calls(int depth) => Programs.Program(
            $"(drop (call $deep (i32.const {depth}))) (call $write (i32.const 1) (i32.const 1024) (i32.const {{length}}))", Head, Function);
        await using RunningApp small = await StartAsync("stack = \"256KiB\"", Calls(65536));
        await using RunningApp large = await StartAsync("stack = \"8MiB\"", Calls(65536));

        Assert.Equal(HttpStatusCode.InternalServerError, (await small.Client.GetAsync("/", Stop)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await large.Client.GetAsync("/", Stop)).StatusCode);
    }

    [Fact]
    public async Task RefusedDescriptorIsNamedFiles()
    {
        using TempFolder folder = new TempFolder().Write("a", "a");
        byte[] program = Programs.Program(
            """
            (loop $again
              (br_if $again (i32.eqz (call $path_open
                (i32.const 3) (i32.const 0) (i32.const 1024) (i32.const 1) (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 8)))))
            (call $proc_exit (i32.const 1))
            """,
            "a",
            imports: """
            (import "wasi_snapshot_preview1" "path_open"
              (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
            """);
        await using RunningApp app = await RunningApp.StartAsync(
            Manifest("limits.files = 8\npermissions.fs = [{ host = \".\", guest = \"/d\" }]"), new() { ["c.wasm"] = program }, folder.Path);

        Assert.Equal(HttpStatusCode.InternalServerError, (await app.Client.GetAsync("/", Stop)).StatusCode);
        Assert.Contains("component=c limit=files\n", await app.LogAsync("component=c"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "(memory $other 65536)", "more memory from the start", "limits.memory")]
    [InlineData("memory = \"1MiB\"", "(memory $other 13)", "more memory from the start", "851968 more wanted")]
    [InlineData("tables = 100", "(table 101 funcref)", "more table entries from the start", "limits.tables")]
    public async Task ModuleThatStartsWithMoreThanItsLimitIsRefusedWhenItIsLoaded(string limits, string field, string reason, string number)
    {
        var refused = await Assert.ThrowsAnyAsync<IOException>(() => StartAsync(limits, Programs.Program("", fields: field)));

        Assert.StartsWith("component c: the program needs ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.Contains(number, refused.Message, StringComparison.Ordinal);
    }

    private static Task<RunningApp> StartAsync(string limits, byte[] program) =>
        RunningApp.StartAsync(Manifest($"[component.c.limits]\n{limits}"), new() { ["c.wasm"] = program });

    private static string Manifest(string lines) => $"""
        [[trigger.http]]
        route = "/..."
        component = "c"
        [component.c]
        source = "c.wasm"
        {lines}
        """;
}
