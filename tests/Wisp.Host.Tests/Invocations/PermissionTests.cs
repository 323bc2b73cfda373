using System.Buffers.Binary;
using System.Net;
using Wisp.Permissions;

namespace Wisp.Host.Tests.Invocations;

/// <summary>Each kind of permission of <c>[component.NAME.permissions]</c>, asked for by requests to an app of two components: one that
/// was granted it and one that was not.</summary>
public sealed class PermissionTests : IDisposable
{
    private const string Head = "Content-Type: application/octet-stream\n\n";

    // Opens /d/note (descriptor 3) with the rights and flags that are filled in; the exit code is the error's number.
    private const string Open = """
        (call $exit_if (call $path_open (i32.const 3) (i32.const 0) (i32.const NAME) (i32.const LENGTH) (i32.const FLAGS)
          (i64.const RIGHTS) (i64.const 0) (i32.const 0) (i32.const 8)))
        (call $write (i32.const 1) (i32.const 1024) (i32.const HEAD))
        """;

    private const string Imports = """
        (import "wasi_snapshot_preview1" "path_open" (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "clock_time_get" (func $clock_time_get (param i32 i64 i32) (result i32)))
        (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "sock_accept" (func $sock_accept (param i32 i32 i32) (result i32)))
        """;

    private const string ExitIf = "(func $exit_if (param i32) (if (local.get 0) (then (call $proc_exit (local.get 0)))))";

    private readonly TempFolder _folder = new TempFolder().Write("data/note", "granted").Write("other/secret", "not granted");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task FileIsReadWhereItsDirectoryIsGranted()
    {
        await using RunningApp app = await StartAsync(
            OpenAnd("note", write: false), "permissions.fs = [{ host = \"data\", guest = \"/d\" }]", "permissions.fs = []");

        Assert.Equal(HttpStatusCode.OK, (await app.Client.GetAsync("/granted", Stop)).StatusCode);
        Assert.Empty(app.Denials);
        Assert.Equal(HttpStatusCode.InternalServerError, (await app.Client.GetAsync("/refused", Stop)).StatusCode);
        Assert.Contains("exit code 8", await app.LogAsync("component=refused"), StringComparison.Ordinal);   // badf: it has no descriptor 3
    }

    [Fact]
    public async Task CountingLetsThroughAndSaysTheLine()
    {
        await using RunningApp app = await StartAsync(
            OpenAnd("note", write: true),
            "permissions.fs = [{ host = \"data\", guest = \"/d\", access = \"read-write\" }]",
            "permissions.fs = [{ host = \"data\", guest = \"/d\" }]",
            PermissionMode.Count);

        Assert.Equal(HttpStatusCode.OK, (await app.Client.GetAsync("/refused", Stop)).StatusCode);
        Assert.Equal(DenialCode.ReadOnlyDirectory, Assert.Single(app.Denials).Code);
        Assert.Contains(" denied=1", await app.LogAsync("component=refused"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WritingNeedsAccessAndTheDenialSaysTheLine()
    {
        await using RunningApp app = await StartAsync(
            OpenAnd("note", write: true),
            "permissions.fs = [{ host = \"data\", guest = \"/d\", access = \"read-write\" }]",
            "permissions.fs = [{ host = \"data\", guest = \"/d\" }]");

        Assert.Equal(HttpStatusCode.OK, (await app.Client.GetAsync("/granted", Stop)).StatusCode);
        Assert.Empty(app.Denials);
        Assert.Equal(HttpStatusCode.InternalServerError, (await app.Client.GetAsync("/refused", Stop)).StatusCode);

        Denial denial = Assert.Single(app.Denials);
        Assert.Equal(DenialCode.ReadOnlyDirectory, denial.Code);
        Assert.StartsWith("wisp: denied: open \"/d/note\" for writing\n  asked by   refused, path_open, called from main", denial.ToString(), StringComparison.Ordinal);
        Assert.Contains("access = \"read-write\"", denial.ToAllowToml, StringComparison.Ordinal);
        Assert.Contains("permissions.fs", denial.ToAllowToml, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../other/secret")]
    [InlineData("./../other/secret")]
    [InlineData("x/../../other/secret")]
    [InlineData("/other/secret")]
    public async Task PathNeverLeavesItsDirectory(string path)
    {
        await using RunningApp app = await StartAsync(
            OpenAnd(path, write: false), "permissions.fs = [{ host = \"data\", guest = \"/d\", access = \"read-write\" }]", "");

        Assert.Equal(HttpStatusCode.InternalServerError, (await app.Client.GetAsync("/granted", Stop)).StatusCode);
        Assert.Contains("exit code ", await app.LogAsync("component=granted"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task LinkOutOfTheDirectoryIsDeniedAndReported()
    {
        File.CreateSymbolicLink(Path.Combine(_folder.Path, "data/link"), "../other/secret");
        await using RunningApp app = await StartAsync(
            OpenAnd("link", write: false, follow: true), "permissions.fs = [{ host = \"data\", guest = \"/d\" }]", "");

        Assert.Equal(HttpStatusCode.InternalServerError, (await app.Client.GetAsync("/granted", Stop)).StatusCode);

        Denial denial = Assert.Single(app.Denials);
        Assert.Equal(DenialCode.PathEscape, denial.Code);
        Assert.Contains("a path never leaves its directory", denial.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OnlyGrantedVariablesOfTheMachineAreThere()
    {
        Environment.SetEnvironmentVariable("WISP_PERMISSION_TEST", "from the machine");
        await using RunningApp app = await StartAsync(
            Programs.Environment, "permissions.env = [\"WISP_PERMISSION_TEST\", \"MODE=set\"]", "permissions.env = [\"MODE=set\"]");

        string[] granted = (await app.Client.GetStringAsync("/granted", Stop)).Split('\0');
        string[] refused = (await app.Client.GetStringAsync("/refused", Stop)).Split('\0');

        Assert.Contains("WISP_PERMISSION_TEST=from the machine", granted);
        Assert.Contains("MODE=set", refused);
        Assert.DoesNotContain(refused, variable => variable.StartsWith("WISP_PERMISSION_TEST", StringComparison.Ordinal));
        Assert.DoesNotContain(refused, variable => variable.StartsWith("PATH=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ClockStandsWhereTheManifestSetsIt()
    {
        await using RunningApp app = await StartAsync(
            Values("(call $exit_if (call $clock_time_get (i32.const 0) (i64.const 1) (i32.const 4096)))"),
            "permissions.clock = \"real\"", "permissions.clock = \"fixed=2001-02-03T04:05:06Z\"");

        DateTimeOffset before = DateTimeOffset.UtcNow;
        DateTimeOffset real = Time(await app.Client.GetByteArrayAsync("/granted", Stop));
        DateTimeOffset first = Time(await app.Client.GetByteArrayAsync("/refused", Stop));
        DateTimeOffset second = Time(await app.Client.GetByteArrayAsync("/refused", Stop));

        Assert.InRange(real, before.AddSeconds(-1), DateTimeOffset.UtcNow.AddSeconds(1));
        Assert.Equal(new DateTimeOffset(2001, 2, 3, 4, 5, 6, TimeSpan.Zero), first);
        Assert.Equal(first, second);

        static DateTimeOffset Time(byte[] bytes) =>
            DateTimeOffset.UnixEpoch.AddTicks((long)(BinaryPrimitives.ReadUInt64LittleEndian(bytes) / 100));
    }

    [Fact]
    public async Task RandomNumbersAreTheSameWhereTheManifestSeedsThem()
    {
        await using RunningApp app = await StartAsync(
            Values("(call $exit_if (call $random_get (i32.const 4096) (i32.const 8)))"),
            "permissions.random = \"real\"", "permissions.random = \"seeded=42\"");

        byte[][] real = [await app.Client.GetByteArrayAsync("/granted", Stop), await app.Client.GetByteArrayAsync("/granted", Stop)];
        byte[][] seeded = [await app.Client.GetByteArrayAsync("/refused", Stop), await app.Client.GetByteArrayAsync("/refused", Stop)];

        Assert.NotEqual(real[0], real[1]);
        Assert.Equal(seeded[0], seeded[1]);
    }

    // Preview 1 can open no connection. What it can do is accept from a listener that it was given, and a function is given none,
    // whatever its rules: the server listens for it.
    [Theory]
    [InlineData(0, "exit code 57")]   // notsock: standard input
    [InlineData(3, "exit code 8")]    // badf: where a listener would be
    public async Task NoRuleGivesAFunctionASocket(int descriptor, string error)
    {
        await using RunningApp app = await StartAsync(
            Values($"(call $exit_if (call $sock_accept (i32.const {descriptor}) (i32.const 0) (i32.const 8)))"),
            "permissions.net = [\"listen:tcp://127.0.0.1:9\", \"https://example.com\"]", "");

        foreach (string path in new[] { "/granted", "/refused" })
        {
            Assert.Equal(HttpStatusCode.InternalServerError, (await app.Client.GetAsync(path, Stop)).StatusCode);
        }

        string log = await app.LogAsync("component=refused");
        Assert.Equal(2, log.Split('\n').Count(line => line.EndsWith(error, StringComparison.Ordinal)));
    }

    private static byte[] OpenAnd(string path, bool write, bool follow = false) => Programs.Program(
        Open.Replace("NAME", $"{1024 + Head.Length}", StringComparison.Ordinal)
            .Replace("LENGTH", $"{path.Length}", StringComparison.Ordinal)
            .Replace("(i32.const 3) (i32.const 0)", $"(i32.const 3) (i32.const {(follow ? 1 : 0)})", StringComparison.Ordinal)
            .Replace("FLAGS", "0", StringComparison.Ordinal)
            .Replace("RIGHTS", write ? "64" : "2", StringComparison.Ordinal)
            .Replace("HEAD", $"{Head.Length}", StringComparison.Ordinal),
        Head + path, ExitIf, Imports);

    /// <summary>Answers with the eight bytes at 4096.</summary>
    private static byte[] Values(string body) => Programs.Program(
        $"{body} (call $write (i32.const 1) (i32.const 1024) (i32.const {{length}})) (call $write (i32.const 1) (i32.const 4096) (i32.const 8))",
        Head, ExitIf, Imports);

    private Task<RunningApp> StartAsync(
        byte[] program, string granted, string refused, PermissionMode mode = PermissionMode.Enforce) => RunningApp.StartAsync(
        $"""
        [[trigger.http]]
        route = "/granted"
        component = "granted"
        [[trigger.http]]
        route = "/refused"
        component = "refused"
        [component.granted]
        source = "c.wasm"
        {granted}
        [component.refused]
        source = "c.wasm"
        {refused}
        """,
        new() { ["c.wasm"] = program }, _folder.Path, mode: mode);
}
