using Wisp.Host.Apps;
using Wisp.Host.Manifests;
using Wisp.Host.Watching;

namespace Wisp.Host.Tests.Watching;

public sealed class AppWatcherTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("wisp-watch-").FullName;
    private readonly StringWriter _output = new();
    private readonly List<AppManifest> _loads = [];
    private readonly List<Exception> _failures = [];
    private readonly CancellationTokenSource _stop = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _stop.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task BuildsAndLoadsAgainWhenASourceChanges()
    {
        Write("main.txt", "one");
        Task watching = Watch("build.command = \"cp main.txt c.wasm && touch made.o\"");

        Write("main.txt", "two, longer");
        await WaitForAsync(() => _loads.Count == 1);

        Assert.Equal("two, longer", File.ReadAllText(Path.Combine(_folder, "c.wasm")));
        await SettleAsync();
        Assert.Single(_loads);   // what the build wrote did not start another one
        await EndAsync(watching);
    }

    [Fact]
    public async Task LoadsAgainWithoutABuildWhenAModuleChanges()
    {
        Write("c.wasm", "one");
        Task watching = Watch("");

        Write("c.wasm", "another");
        await WaitForAsync(() => _loads.Count == 1);

        await EndAsync(watching);
    }

    [Fact]
    public async Task OnlyWhatIsWatchedCounts()
    {
        Write("src/a.txt", "one");
        Write("notes.txt", "one");
        Task watching = Watch("build.command = \"cp src/a.txt c.wasm\"\nbuild.watch = [\"src\"]");

        Write("notes.txt", "changed");
        Write(".hidden", "changed");
        await SettleAsync();
        Assert.Empty(_loads);
        Write("src/a.txt", "changed");
        await WaitForAsync(() => _loads.Count == 1);

        await EndAsync(watching);
    }

    [Fact]
    public async Task FailureLeavesTheAppBeforeAndTheNextChangeIsAnotherTry()
    {
        Write("main.txt", "one");
        Task watching = Watch("build.command = \"grep -q good main.txt && cp main.txt c.wasm\"");

        Write("main.txt", "bad one");
        await WaitForAsync(() => _failures.Count == 1);
        Assert.Contains("ended with 1", _failures[0].Message, StringComparison.Ordinal);
        Assert.Empty(_loads);
        Write("wisp.toml", "not toml at all");
        await WaitForAsync(() => _failures.Count == 2);
        Assert.IsType<ManifestException>(_failures[1]);
        Write("wisp.toml", Manifest("build.command = \"cp main.txt c.wasm\"\nargs = [\"new\"]"));
        await WaitForAsync(() => _loads.Count == 1);

        Assert.Equal(["new"], _loads[0].Components.Single().Arguments);
        await EndAsync(watching);
    }

    private static string Manifest(string lines) => $"""
        [application]
        name = "watched"
        [[trigger.http]]
        route = "/..."
        component = "c"
        [component.c]
        source = "c.wasm"
        {lines}
        """;

    private Task Watch(string lines)
    {
        Write("wisp.toml", Manifest(lines));
        string path = Path.Combine(_folder, "wisp.toml");
        var app = new WatchedApp(
            path, () => AppManifestReader.ReadFile(path), Load, app => app.ReleaseUse(), _failures.Add, TextWriter.Synchronized(_output));
        return new AppWatcher(app, AppManifestReader.ReadFile(path), TimeSpan.FromMilliseconds(10)).RunAsync(_stop.Token);
    }

    private App Load(AppManifest manifest)
    {
        _loads.Add(manifest);
        return new App(manifest.Name, new(), [], []);
    }

    private void Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private static async Task WaitForAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(5, Stop);
        }
    }

    /// <summary>Gives what should not happen a while to happen.</summary>
    private static Task SettleAsync() => Task.Delay(300, Stop);

    private async Task EndAsync(Task watching)
    {
        await _stop.CancelAsync();
        await watching;
    }
}
