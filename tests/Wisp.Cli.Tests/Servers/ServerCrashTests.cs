using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Wisp.Host.Bundles;

namespace Wisp.Cli.Tests.Servers;

/// <summary>A server that is killed while it is deployed to serves, after the next start, what it acknowledged.</summary>
public sealed class ServerCrashTests
{
    private const int Kills = 4;

    private static readonly string[] Apps = ["one", "two", "three"];

    // By app: the last text whose deploy was acknowledged; the next one may have been on its way.
    private readonly ConcurrentDictionary<string, int> _acknowledged = new(Apps.Select(app => KeyValuePair.Create(app, 0)));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task KilledServerServesWhatItAcknowledged()
    {
        using var folder = new ScratchFolder();
        var random = new Random(4);
        for (int kill = 0; kill <= Kills; kill++)
        {
            await using WispServer server = await WispServer.StartAsync(folder);
            foreach (string app in Apps)
            {
                await CheckAsync(server, app);
            }

            if (kill < Kills)
            {
                await DeployAndKill(server, changes: random.Next(2, 12), delay: random.Next(0, 30));
                Assert.DoesNotContain("not served", server.Errors, StringComparison.Ordinal);
            }
        }

        Assert.True(_acknowledged.Values.Sum() >= Kills);
    }

    private async Task CheckAsync(WispServer server, string app)
    {
        (int status, string body) = await server.AskAsync(app);
        int last = _acknowledged[app];
        if (status == 404)
        {
            Assert.True(last == 0, $"{app} is gone, and {last} was acknowledged");
            return;
        }

        Assert.Equal(200, status);
        int served = int.Parse(body, CultureInfo.InvariantCulture);
        Assert.True(served == last || served == last + 1, $"{app} answers {served}, and {last} was acknowledged");
        JsonElement versions = JsonDocument.Parse(server.Succeed("versions", app, "--format", "json")).RootElement;
        string digest = Convert.ToHexStringLower(SHA256.HashData(Bundle(app, served)));
        Assert.Contains(digest, versions.GetRawText(), StringComparison.Ordinal);
        _acknowledged[app] = served;
    }

    /// <summary>Deploys to all apps at once until so many were acknowledged, then kills the server while it goes on.</summary>
    private async Task DeployAndKill(WispServer server, int changes, int delay)
    {
        using var enough = new SemaphoreSlim(0);
        using var client = new HttpClient { BaseAddress = new Uri(server.AdminAddress) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", server.Token);
        Task[] deploys = [.. Apps.Select(app => DeployUntilDead(client, app, enough))];
        for (int i = 0; i < changes; i++)
        {
            await enough.WaitAsync(Stop);
        }

        await Task.Delay(delay, Stop);
        await server.KillAsync();
        await Task.WhenAll(deploys);
    }

    private async Task DeployUntilDead(HttpClient client, string app, SemaphoreSlim acknowledged)
    {
        try
        {
            while (true)
            {
                int next = _acknowledged[app] + 1;
                byte[] bundle = Bundle(app, next);
                using var content = new ByteArrayContent(bundle);
                content.Headers.Add("Content-Digest", $"sha-256=:{Convert.ToBase64String(SHA256.HashData(bundle))}:");
                using HttpResponseMessage answer = await client.PostAsync(new Uri($"api/v1/apps/{app}/versions", UriKind.Relative), content, Stop);
                string lines = await answer.Content.ReadAsStringAsync(Stop);
                Assert.Contains("{\"result\":", lines, StringComparison.Ordinal);
                _acknowledged[app] = next;
                acknowledged.Release();
            }
        }
        catch (HttpRequestException)
        {
            // Killed: what was on its way was not acknowledged.
        }
    }

    private static byte[] Bundle(string app, int text)
    {
        string manifest = $$"""
            [application]
            name = "{{app}}"
            [[trigger.http]]
            route = "/..."
            response = { body = "{{text}}" }
            """;
        byte[] bytes = Encoding.UTF8.GetBytes(manifest);
        var target = new MemoryStream();
        using (var writer = new BundleWriter(target))
        {
            writer.Add("wisp.toml", new MemoryStream(bytes), bytes.Length);
            writer.Finish();
        }

        return target.ToArray();
    }
}
