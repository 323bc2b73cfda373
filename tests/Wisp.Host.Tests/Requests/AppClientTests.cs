using System.Text;
using Wisp.Host.Apps;
using Wisp.Host.Manifests;
using Wisp.Host.Requests;
using Wisp.Host.Testing;

namespace Wisp.Host.Tests.Requests;

public sealed class AppClientTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AsksTheWholeWayOfARequest()
    {
        await using AppClient client = await StartAsync(Programs.Environment, TextWriter.Null);

        AppAnswer answer = await client.SendAsync(new AppRequest(
            "PUT", "/a/../b%2F?q=%20", [new("X-One", "1"), new("Content-Type", "text/x")], Encoding.ASCII.GetBytes("body")), Stop);
        string[] variables = Encoding.UTF8.GetString(answer.Body).Split('\0');

        Assert.Equal(200, answer.Status);
        Assert.Contains("REQUEST_METHOD=PUT", variables);
        Assert.Contains("PATH_INFO=/b%2F", variables);
        Assert.Contains("REQUEST_URI=/a/../b%2F?q=%20", variables);
        Assert.Contains("HTTP_X_ONE=1", variables);
        Assert.Contains("CONTENT_TYPE=text/x", variables);
        Assert.Contains("CONTENT_LENGTH=4", variables);
        Assert.Contains("REMOTE_ADDR=127.0.0.1", variables);
    }

    [Fact]
    public async Task LargeBodiesGoBothWays()
    {
        await using AppClient client = await StartAsync(Programs.Echo, TextWriter.Null);
        byte[] body = new byte[3_000_000];
        new Random(3).NextBytes(body);

        Assert.Equal(body, (await client.SendAsync(new AppRequest("POST", "/", [], body), Stop)).Body);
    }

    [Fact]
    public async Task AnswerThatIsCutOffIsAFailureAndNotHalfAnAnswer()
    {
        await using AppClient client = await StartAsync(Programs.AnswerThenTrap, TextWriter.Null);

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => client.SendAsync(new AppRequest("GET", "/", [], default), Stop));
    }

    [Fact]
    public void CaseSaysEachThingThatIsNotAsExpected()
    {
        var test = new TestCase("x", "f:1", new AppRequest("GET", "/", [], default))
        {
            Status = 201,
            Headers = [new("X-A", "1, 2"), new("X-B", "1")],
            Body = "whole",
            Contains = ["who", "where"],
        };

        string[] faults = [.. test.FaultsOf(new AppAnswer(200, "OK", [new("x-a", "1"), new("x-a", "2")], Encoding.UTF8.GetBytes("who\n")))];

        Assert.Equal(
            ["status: expected 201, got 200 OK", "header X-B: expected \"1\", there is none", "body: expected \"whole\", got \"who\\n\"",
                "body: expected \"where\" in it, got \"who\\n\""],
            faults);
        Assert.Equal(
            ["body: expected \"where\" in it, got \"whole\""],
            test.FaultsOf(new AppAnswer(201, "Created", [new("X-A", "1, 2"), new("X-B", "1")], Encoding.UTF8.GetBytes("whole"))));
    }

    private static Task<AppClient> StartAsync(byte[] program, TextWriter log)
    {
        var lines = new RequestLog(log);
        var loader = new AppLoader(_ => Module.Compile(RunningServer.Engine, program, "test"), lines, null);
        AppManifest manifest = AppManifestReader.ReadText("""
            [application]
            name = "asked"
            [[trigger.http]]
            route = "/..."
            component = "c"
            [component.c]
            source = "c.wasm"
            """, "/nowhere");
        return AppClient.StartAsync(loader.Load(manifest, new Dictionary<string, string>()), lines, Stop);
    }
}
