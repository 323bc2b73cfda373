using System.Diagnostics;
using System.Globalization;
using Wisp.Host.Deployments;
using Wisp.Host.State;

namespace Wisp.Host.Tests.Deployments;

/// <summary>A server that is killed at any moment loses nothing that it acknowledged and leaves no half of anything.</summary>
public sealed class CrashTests : IDisposable
{
    private const int DefaultKills = 8;

    private readonly TempFolder _temp = new();
    private readonly Engine _engine = new();

    private string Data => Path.Combine(_temp.Path, "data");

    [Fact]
    public async Task KilledServerKeepsWhatItAcknowledged()
    {
        int kills = int.TryParse(Environment.GetEnvironmentVariable("WISP_CRASH_TEST_KILLS"), out int given) ? given : DefaultKills;
        var random = new Random(2026);
        var acknowledged = new AcknowledgedState();
        for (int kill = 0; kill < kills; kill++)
        {
            await RunAndKill(acknowledged, kill, changes: random.Next(1, 40), delay: random.Next(0, 20));
            Check(acknowledged, kill);
        }

        Assert.NotEmpty(acknowledged.Apps);
    }

    public void Dispose()
    {
        _engine.Dispose();
        _temp.Dispose();
    }

    private async Task RunAndKill(AcknowledgedState acknowledged, int seed, int changes, int delay)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
        {
            start.ArgumentList.Add(typeof(CrashTests).Assembly.Location);
        }

        start.Environment[CrashChild.FolderVariable] = Data;
        start.Environment[CrashChild.SeedVariable] = seed.ToString(CultureInfo.InvariantCulture);
        using Process child = Process.Start(start)!;
        Task<string> errors = child.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string? line = null;
        for (int i = 0; i < changes && (line = await child.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken)) is not null; i++)
        {
            acknowledged.Take(line);
        }

        if (line is null)
        {
            Assert.Fail($"the child ended by itself:\n{await errors}");
        }

        await Task.Delay(delay, TestContext.Current.CancellationToken);
        child.Kill();   // SIGKILL
        await child.WaitForExitAsync(TestContext.Current.CancellationToken);
        string rest = await child.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        foreach (string whole in rest.Split('\n')[..^1])
        {
            acknowledged.Take(whole);
        }
    }

    /// <summary>Starts over what the killed process left, and takes what is there as known from then on: a change that was made and not
    /// acknowledged any more counts as well.</summary>
    private void Check(AcknowledgedState acknowledged, int kill)
    {
        var host = new FakeVersionHost();
        using ServerState state = ServerState.Open(Data, _engine);
        using var registry = new DeploymentRegistry(state, host, new DeploymentOptions { KeepVersions = 3 }, _ => { });
        registry.Start();
        var apps = registry.List().ToDictionary(status => status.Name);
        foreach ((string name, AcknowledgedApp app) in acknowledged.Apps)
        {
            apps.TryGetValue(name, out AppStatus? status);
            CheckApp(state, registry, name, app, status, $"kill {kill}, app {name}");
        }

        Assert.All(apps.Values, status => Assert.Null(status.Problem));
        foreach ((string name, AppStatus status) in apps)
        {
            Assert.Equal(TrafficText.Of(status.Traffic), host.TrafficOf(name));
        }

        CheckFiles(state, registry);
    }

    private static void CheckApp(
        ServerState state, DeploymentRegistry registry, string name, AcknowledgedApp app, AppStatus? status, string where)
    {
        // At most one change of an app was under way.
        IReadOnlyList<VersionStatus> versions = status is null ? [] : registry.Versions(name);
        if (status is null)
        {
            Assert.True(app.Secret is null || !registry.Secrets(name).Any() || app.Latest == 0, $"{where}: a secret without its app");
        }
        else
        {
            int last = state.Database.Read(queries => AppRows.LastNumber(queries, name));
            Assert.True(status.Latest == last, $"{where}: v{status.Latest} is the newest, v{last} was the last");
            Assert.True(app.Latest == 0 || status.Latest == app.Latest || status.Latest == app.Latest + 1, $"{where}: v{app.Latest} was acknowledged, v{status.Latest} is there");
            foreach (VersionStatus version in versions)
            {
                Assert.True(!app.Digests.TryGetValue(version.Number, out string? digest) || digest == version.Digest, $"{where}: v{version.Number} is another one");
            }

            Assert.True(app.Latest == 0 || versions.Any(version => version.Number == app.Latest), $"{where}: v{app.Latest} was acknowledged and is gone");
            Assert.Equal(100, status.Traffic.Sum(share => share.Weight));
        }

        (app.Latest, app.Traffic) = status is null ? (0, null) : (status.Latest, TrafficText.Of(status.Traffic));
        app.Secret = state.Secrets.Open(name).GetValueOrDefault("key");
        app.Digests.Clear();
        foreach (VersionStatus version in versions)
        {
            app.Digests[version.Number] = version.Digest;
        }
    }

    private void CheckFiles(ServerState state, DeploymentRegistry registry)
    {
        var named = new HashSet<string>();
        var folders = new HashSet<string>();
        foreach (AppStatus status in registry.List())
        {
            foreach (VersionStatus version in registry.Versions(status.Name))
            {
                VersionRecord record = state.Database.Read(queries => AppRows.Version(queries, status.Name, version.Number))!;
                Assert.True(state.Versions.IsWhole(status.Name, version.Number, record.Files));
                Assert.All(record.Files, file => Assert.True(state.Blobs.Check(file.Digest)));
                named.UnionWith(record.Files.Select(file => file.Digest));
                named.UnionWith(record.Images.Values);
                folders.Add($"{status.Name}/{version.Number}");
            }
        }

        Assert.Subset(named, state.Blobs.All().Concat(state.Images.All()).ToHashSet());
        Assert.Equal(folders, Directory.GetDirectories(state.Folder.Apps).SelectMany(Directory.GetDirectories)
            .Select(path => Path.GetRelativePath(state.Folder.Apps, path)).ToHashSet());
        Assert.Empty(Directory.GetFileSystemEntries(state.Folder.Incoming));
    }
}
