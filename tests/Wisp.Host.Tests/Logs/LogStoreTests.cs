using System.Text;
using Wisp.Host.Logs;
using Wisp.Host.Telemetry;

namespace Wisp.Host.Tests.Logs;

public sealed class LogStoreTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("wisp-").FullName;
    private readonly ManualClock _clock = new(Noon);
    private readonly List<string> _failures = [];
    private LogStore? _store;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string AppFolder => Path.Combine(_folder, "logs", "shop");

    private string[] Segments => [.. Directory.GetFiles(AppFolder).Order(StringComparer.Ordinal)];

    public void Dispose()
    {
        _store?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task LineKeepsWhatIsKnownAboutIt()
    {
        LogStore store = Open();
        var id = new InvocationId(new InvocationOrigin("shop", 3, "/cart/...", "cart"), 17);
        store.GuestLine(in id, LogLine.Stderr, "über\t\"quoted\""u8);
        store.Note(in id, "trap: unreachable\n  at main");
        store.Event(new InvocationOrigin("shop"), "a tick was skipped");
        store.GuestLine(new InvocationId(InvocationOrigin.None, 18), LogLine.Stderr, "of no app"u8);

        LogLine[] lines = await ReadAsync(store, new LogQuery());
        Assert.Equal(
            [
                new LogLine { Sequence = 1, Time = Noon, Version = 3, Component = "cart", Invocation = 17, Stream = "stderr", Text = "über\t\"quoted\"" },
                new LogLine { Sequence = 2, Time = Noon, Version = 3, Component = "cart", Invocation = 17, Stream = "host", Text = "trap: unreachable\n  at main" },
                new LogLine { Sequence = 3, Time = Noon, Stream = "host", Text = "a tick was skipped" },
            ],
            lines);
        Assert.Equal([AppFolder], Directory.GetDirectories(Path.Combine(_folder, "logs")));
    }

    [Fact]
    public async Task FailuresAndTicksAreLinesAndOfOtherRequestsTheFirstOfEachSecond()
    {
        LogStore store = Open(new LogOptions { RequestsPerSecond = 2 });
        InvocationRecord request = new()
        {
            Number = 1,
            Started = Noon,
            Origin = new InvocationOrigin("shop", 2, "/a", "cart"),
            Method = "GET",
            Target = "/a",
            Status = 200,
        };
        store.Completed(request);
        store.Completed(request with { Number = 2, Status = 404 });
        store.Completed(request with { Number = 3 });
        store.Completed(request with { Number = 4 });
        store.Completed(request with { Number = 5, Status = 500 });
        store.Completed(new() { Number = 6, Started = Noon, Origin = new("shop", 2, "* * * * *", "sweep", InvocationOrigin.Cron), Result = "ok" });
        _clock.Set(Noon.AddSeconds(1));
        store.Completed(request with { Number = 7 });

        LogLine[] lines = await ReadAsync(store, new LogQuery());
        Assert.Equal([1, 2, 5, 6, null, 7], lines.Select(line => line.Invocation));
        Assert.StartsWith("GET \"/a\" 200 ", lines[0].Text, StringComparison.Ordinal);
        Assert.StartsWith("GET \"/a\" 500 ", lines[2].Text, StringComparison.Ordinal);
        Assert.StartsWith("cron \"* * * * *\" ok ", lines[3].Text, StringComparison.Ordinal);
        Assert.Equal("2 more requests came out well", lines[4].Text);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(60)]
    [InlineData(99)]
    [InlineData(100)]
    [InlineData(5000)]
    public async Task TailGoesOverSegments(int tail)
    {
        LogStore store = Open(new LogOptions { SegmentBytes = 1000 });
        Write(store, 100);
        Assert.True(Segments.Length > 5);

        LogLine[] lines = await ReadAsync(store, new LogQuery { Tail = tail });
        Assert.Equal(Enumerable.Range(0, 100).TakeLast(tail).Select(i => $"line {i}"), lines.Select(line => line.Text));
    }

    [Fact]
    public async Task TailCountsOnlyWhatIsWanted()
    {
        LogStore store = Open(new LogOptions { SegmentBytes = 1000 });
        Write(store, 100);

        Assert.Equal(["line 3", "line 13"], Texts(await ReadAsync(store, new LogQuery { Invocation = 3 })).Take(2));
        Assert.Equal(["line 83", "line 93"], Texts(await ReadAsync(store, new LogQuery { Invocation = 3, Tail = 2 })));
        Assert.Empty(await ReadAsync(store, new LogQuery { Invocation = 11, Tail = 2 }));
        Assert.Empty(await ReadAsync(store, new LogQuery { Tail = 0 }));
    }

    [Fact]
    public async Task SinceLeavesOutWhatIsOlder()
    {
        LogStore store = Open(new LogOptions { SegmentBytes = 1000 });
        for (int i = 0; i < 50; i++)
        {
            _clock.Set(Noon.AddMinutes(i));
            Write(store, 1, i);
        }

        Assert.Equal(
            Enumerable.Range(40, 10).Select(i => $"line {i}"), Texts(await ReadAsync(store, new LogQuery { Since = Noon.AddMinutes(40) })));
        Assert.Equal(["line 49"], Texts(await ReadAsync(store, new LogQuery { Since = Noon.AddMinutes(40), Tail = 1 })));
        Assert.Empty(await ReadAsync(store, new LogQuery { Since = Noon.AddMinutes(60) }));
    }

    [Fact]
    public async Task FollowerGetsEachLineOnceOverSegments()
    {
        LogStore store = Open(new LogOptions { SegmentBytes = 2000 });
        Write(store, 10);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var seen = new List<string>();
        Task follower = Task.Run(
            async () =>
            {
                await foreach (LogLine line in store.ReadAsync("shop", new LogQuery { Tail = 5, Follow = true }, stop.Token))
                {
                    seen.Add(line.Text);
                    if (seen.Count == 5)
                    {
                        _ = Task.Run(() => WriteSlowly(store, 10, 500), Stop);
                    }
                    else if (seen.Count == 505)
                    {
                        stop.Cancel();
                    }
                }
            },
            Stop);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => follower);
        Assert.Equal(Enumerable.Range(5, 505).Select(i => $"line {i}"), seen);

        static void WriteSlowly(LogStore store, int first, int count)
        {
            for (int i = first; i < first + count; i++)
            {
                Write(store, 1, i);
                Thread.Yield();
            }
        }
    }

    [Fact]
    public async Task FollowerOfAnAppWithoutLinesWaitsForTheFirst()
    {
        LogStore store = Open();
        await using IAsyncEnumerator<LogLine> lines = store.ReadAsync("shop", new LogQuery { Follow = true }, Stop).GetAsyncEnumerator(Stop);
        Task<bool> next = lines.MoveNextAsync().AsTask();
        Assert.False(next.IsCompleted);
        Write(store, 1);

        Assert.True(await next);
        Assert.Equal("line 0", lines.Current.Text);
        next = lines.MoveNextAsync().AsTask();
        store.Delete("shop");
        Assert.False(await next);
    }

    [Fact]
    public async Task NumbersGoOnAfterARestart()
    {
        Write(Open(), 3);
        Write(Open(), 3);

        LogLine[] lines = await ReadAsync(_store!, new LogQuery());
        Assert.Equal([1, 2, 3, 4, 5, 6], lines.Select(line => line.Sequence));
        Assert.Single(Segments);
    }

    [Fact]
    public async Task EveryPrefixOfASegmentGivesItsWholeLines()
    {
        Write(Open(), 4);
        _store!.Dispose();
        _store = null;
        byte[] whole = await File.ReadAllBytesAsync(Segments[0], Stop);
        for (int length = 0; length <= whole.Length; length++)
        {
            await File.WriteAllBytesAsync(Segments[0], whole[..length], Stop);
            int lines = whole.AsSpan(0, length).Count((byte)'\n');
            LogStore store = Open();
            Write(store, 1, first: 77);
            Assert.Equal(
                Enumerable.Range(0, lines).Select(i => $"line {i}").Append("line 77"), Texts(await ReadAsync(store, new LogQuery())));
        }
    }

    [Fact]
    public async Task HoleAndRubbishAtTheEndAreDroppedAndInTheMiddlePassedOver()
    {
        Write(Open(), 3);
        _store!.Dispose();
        string text = await File.ReadAllTextAsync(Segments[0], Stop);
        string[] lines = text.Split('\n');
        string damaged = $"{lines[0]}\n\0\0\0\n{{\"seq\":\n[]\n{lines[2]}\n";
        await File.WriteAllTextAsync(Segments[0], damaged + "\0\0\0\n" + new string('x', 300_000) + "\n{\"seq\":9", Stop);

        LogStore store = Open();
        Write(store, 1, first: 77);
        LogLine[] read = await ReadAsync(store, new LogQuery());
        Assert.Equal(["line 0", "line 2", "line 77"], Texts(read));
        Assert.Equal([1, 3, 4], read.Select(line => line.Sequence));
        Assert.StartsWith(damaged, await File.ReadAllTextAsync(Segments[0], Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OldestLinesGoWhenThereAreTooManyBytes()
    {
        LogStore store = Open(new LogOptions { SegmentBytes = 1000, MaxBytes = 5000 });
        Write(store, 1000);

        Assert.InRange(Segments.Sum(path => new FileInfo(path).Length), 3000, 6000);
        LogLine[] lines = await ReadAsync(store, new LogQuery());
        Assert.Equal("line 999", lines[^1].Text);
        Assert.Equal(Enumerable.Range(0, 1000).TakeLast(lines.Length).Select(i => $"line {i}"), Texts(lines));
    }

    [Fact]
    public async Task LinesGoWhenTheyAreTooOldAlsoOfAQuietApp()
    {
        Write(Open(new LogOptions { MaxAge = TimeSpan.FromDays(1) }), 10);
        LogStore store = Open(new LogOptions { MaxAge = TimeSpan.FromDays(1) });
        _clock.Set(Noon.AddHours(23));
        store.Sweep();
        Assert.Equal(10, (await ReadAsync(store, new LogQuery())).Length);

        _clock.Set(Noon.AddHours(25));
        store.Sweep();
        Assert.Empty(await ReadAsync(store, new LogQuery()));
        Assert.Empty(Segments);

        Write(store, 1);
        Assert.Equal(11, Assert.Single(await ReadAsync(store, new LogQuery())).Sequence);
    }

    [Fact]
    public async Task FloodIsCutAndEveryLineThatIsMissingIsCounted()
    {
        LogStore store = Open(new LogOptions { BurstBytes = 20_000, BytesPerSecond = 1000, MaxPendingBytes = 10_000 });
        for (int i = 0; i < 20_000; i++)
        {
            Write(store, 1, i, flush: false);
        }

        store.Flush();
        LogLine[] lines = await ReadAsync(store, new LogQuery());
        long dropped = lines.Where(line => line.Stream == LogLine.Host)
            .Sum(line => long.Parse(line.Text.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(20_000, lines.Count(line => line.Stream == LogLine.Stdout) + dropped);
        Assert.Equal(store.DroppedOf("shop"), dropped);
        Assert.InRange(lines.Length, 10, 400);
        Assert.Contains(" lines dropped: ", lines[^1].Text, StringComparison.Ordinal);

        // Another app has an allowance of its own, and this one gets more with time.
        store.Event(new InvocationOrigin("other"), "hello");
        Assert.Single(await ReadAsync(store, new LogQuery(), "other"));
        _clock.Set(Noon.AddMinutes(1));
        Write(store, 1, 77);
        Assert.Equal("line 77", (await ReadAsync(store, new LogQuery { Tail = 1 }))[0].Text);
    }

    [Fact]
    public async Task WhatAProgramWritesCannotLookLikeAnythingElse()
    {
        LogStore store = Open();
        var id = new InvocationId(new InvocationOrigin("shop"), 1);
        byte[] hostile = "\",\"invocation\":5,\"x\":\"\n{\"seq\":99}\0\u001b[2J\u2028"u8.ToArray();
        store.GuestLine(in id, LogLine.Stdout, hostile);
        store.GuestLine(in id, LogLine.Stdout, [0xff, 0xfe, 0xc0, 0x80]);
        store.Note(in id, "lone \ud800 surrogate");
        store.Note(in id, new string('n', 100_000));

        Assert.Empty(await ReadAsync(store, new LogQuery { Invocation = 5 }));
        LogLine[] lines = await ReadAsync(store, new LogQuery { Invocation = 1 });
        Assert.Equal(Encoding.UTF8.GetString(hostile), lines[0].Text);
        Assert.Equal(["\ufffd\ufffd\ufffd\ufffd", "lone \ufffd surrogate"], Texts(lines[1..3]));
        Assert.Equal(new string('n', 16384) + "… (83616 more characters)", lines[3].Text);
        Assert.Equal(4, File.ReadAllBytes(Segments[0]).AsSpan().Count((byte)'\n'));
    }

    [Fact]
    public async Task DiskThatTakesNothingLosesLinesAndSaysSo()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "logs"));
        await File.WriteAllTextAsync(AppFolder, "in the way", Stop);
        LogStore store = Open();
        Write(store, 3);
        Assert.Contains("shop", _failures[0], StringComparison.Ordinal);
        Assert.Equal(3, store.DroppedOf("shop"));

        File.Delete(AppFolder);
        Write(store, 1);

        // A write that the pool had under way may come between the two, and then the lines come the other way around.
        Assert.Equal(
            ["3 lines dropped: the app writes more than is kept", "line 0"],
            Texts(await ReadAsync(store, new LogQuery())).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task DeletedAppLeavesNothing()
    {
        LogStore store = Open();
        Write(store, 3);
        store.Delete("shop");
        Assert.False(Directory.Exists(AppFolder));
        Write(store, 1, first: 77);
        Assert.Equal(["line 77"], Texts(await ReadAsync(store, new LogQuery())));
    }

    [Fact]
    public async Task AfterTheEndNothingIsAddedAndFollowersAreDone()
    {
        LogStore store = Open();
        Write(store, 1);
        await using IAsyncEnumerator<LogLine> lines = store.ReadAsync("shop", new LogQuery { Follow = true }, Stop).GetAsyncEnumerator(Stop);
        Assert.True(await lines.MoveNextAsync());
        Task<bool> next = lines.MoveNextAsync().AsTask();
        store.Dispose();
        Assert.False(await next);

        Write(store, 1);
        Assert.Equal(["line 0"], Texts(await ReadAsync(store, new LogQuery())));
    }

    [Theory]
    [InlineData("../shop")]
    [InlineData("")]
    [InlineData("a/b")]
    public void NameThatIsNoAppsIsRefused(string app) =>
        Assert.Throws<ArgumentException>(() => Open().ReadAsync(app, new LogQuery(), Stop));

    [Fact]
    public async Task RequestsLeaveTheirLines()
    {
        LogStore store = Open();
        await using RunningApp app = await RunningApp.StartAsync(
            """
            [[trigger.http]]
            route = "/exit"
            component = "exit"
            [[trigger.http]]
            route = "/long"
            component = "long"
            [component.exit]
            source = "exit.wasm"
            [component.long]
            source = "long.wasm"
            """,
            new() { ["exit.wasm"] = Programs.Exit(3, "went wrong"), ["long.wasm"] = Programs.Exit(0, new string('a', 5000)) }, sink: store);
        await app.Client.GetAsync("/exit", Stop);
        await app.Invocations.RecordAsync(record => record.Route == "/exit");
        await app.Client.GetAsync("/long", Stop);
        await app.Invocations.RecordAsync(record => record.Route == "/long");

        LogLine[] lines = await ReadAsync(store, new LogQuery { Invocation = 1 }, "test");
        Assert.Equal([("stderr", "went wrong"), ("host", "exit code 3")], lines.Take(2).Select(line => (line.Stream, line.Text)).Order().Reverse());
        Assert.StartsWith("GET \"/exit\" 500 ", lines[2].Text, StringComparison.Ordinal);
        Assert.Equal(new string('a', 4096) + "… (904 more bytes)", (await ReadAsync(store, new LogQuery { Invocation = 2 }, "test")).Single(line => line.Stream == "stderr").Text);
    }

    private static IEnumerable<string> Texts(IEnumerable<LogLine> lines) => lines.Select(line => line.Text);

    private static void Write(LogStore store, int count, int first = 0, bool flush = true)
    {
        for (int i = first; i < first + count; i++)
        {
            var id = new InvocationId(new InvocationOrigin("shop", 1, "/", "web"), i % 10);
            store.GuestLine(in id, LogLine.Stdout, Encoding.UTF8.GetBytes($"line {i}"));
        }

        if (flush)
        {
            store.Flush();
        }
    }

    private static async Task<LogLine[]> ReadAsync(LogStore store, LogQuery query, string app = "shop")
    {
        var lines = new List<LogLine>();
        await foreach (LogLine line in store.ReadAsync(app, query, Stop))
        {
            lines.Add(line);
        }

        return [.. lines];
    }

    private LogStore Open(LogOptions? options = null)
    {
        _store?.Dispose();
        return _store = new LogStore(Path.Combine(_folder, "logs"), options, _clock, _failures.Add);
    }
}
