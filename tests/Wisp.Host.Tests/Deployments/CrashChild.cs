using System.Globalization;
using System.Security.Cryptography;
using Wisp.Host.Deployments;
using Wisp.Host.State;

namespace Wisp.Host.Tests.Deployments;

/// <summary>The process that <see cref="CrashTests"/> kills: this assembly, started with a data folder in its environment. It changes
/// apps without end and prints a line for each change that was acknowledged.</summary>
internal static class CrashChild
{
    public const string FolderVariable = "WISP_CRASH_TEST_FOLDER";
    public const string SeedVariable = "WISP_CRASH_TEST_SEED";

    private static readonly string[] Apps = ["one", "two", "three"];

    /// <summary>Runs until it is killed, in a process that was started for that.</summary>
    /// <returns>False in any other process.</returns>
    public static async Task<bool> RunAsync()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is not { Length: > 0 } folder)
        {
            return false;
        }

        await ChangeForever(folder, int.Parse(Environment.GetEnvironmentVariable(SeedVariable)!, CultureInfo.InvariantCulture));
        return true;
    }

    private static async Task ChangeForever(string folder, int seed)
    {
        using var engine = new Engine();
        using ServerState state = ServerState.Open(folder, engine);
        using var registry = new DeploymentRegistry(state, new FakeVersionHost(), new DeploymentOptions { KeepVersions = 3 }, _ => { });
        registry.Start();
        await Task.WhenAll(Apps.Select((app, i) => ChangeForever(registry, app, new Random((seed * Apps.Length) + i))));
    }

    private static async Task ChangeForever(DeploymentRegistry registry, string app, Random random)
    {
        while (true)
        {
            int[] versions = registry.List().Any(status => status.Name == app) ? [.. registry.Versions(app).Select(version => version.Number)] : [];
            switch (random.Next(10))
            {
                case 0 when versions.Length > 0:
                    await registry.DeleteAsync(app, "child");
                    Say($"delete {app}");
                    break;
                case 1 when versions.Length > 0:
                    int target = versions[random.Next(versions.Length)];
                    await registry.RollbackAsync(app, target, "child");
                    Say($"traffic {app} {target}=100");
                    break;
                case 2:
                    string value = random.Next().ToString(CultureInfo.InvariantCulture);
                    await registry.SetSecretAsync(app, "key", value, "child");
                    Say($"secret {app} {value}");
                    break;
                default:
                    byte[] bundle = DeployServer.Bundle(random.Next(), app: app);
                    AppStatus status = await registry.DeployAsync(
                        new DeployRequest(app, new MemoryStream(bundle), SHA256.HashData(bundle), "child") { Canary = versions.Length > 0 ? random.Next(1, 101) : null },
                        new Progress<DeployStep>(_ => { }), CancellationToken.None);
                    Say($"deploy {app} {status.Latest} {Convert.ToHexStringLower(SHA256.HashData(bundle))} {TrafficText.Of(status.Traffic)}");
                    break;
            }
        }
    }

    private static void Say(string line)
    {
        lock (Apps)
        {
            Console.Out.WriteLine(line);
            Console.Out.Flush();
        }
    }
}
