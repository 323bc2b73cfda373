namespace Wisp.Host.Tests.Cgi;

public sealed class WagiVariablesTests
{
    private const string Plain = "[[trigger.http]]\nroute = \"/...\"\ncomponent = \"c\"\n[component.c]\nsource = \"env.wasm\"\n";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ProgramOfAModulesTomlGetsThem()
    {
        using TempFolder folder = new TempFolder().Write("modules.toml", "[[module]]\nroute = \"/files/...\"\nmodule = \"env.wasm\"\n");
        await using RunningApp app = await RunningApp.StartAsync(Plain, new() { ["env.wasm"] = Programs.Environment });
        app.Server.Swap(app.LoadFolder(folder.Path));

        string[] variables = (await app.Client.GetStringAsync("/files/a%20b?c=d", Stop)).Split('\0');

        Assert.Contains("X_MATCHED_ROUTE=/files/...", variables);
        Assert.Contains($"X_FULL_URL=http://127.0.0.1:{app.Client.BaseAddress!.Port}/files/a%20b?c=d", variables);
        Assert.Contains("PATH_TRANSLATED=/a b", variables);
        Assert.Contains("REMOTE_HOST=127.0.0.1", variables);
        Assert.Contains("AUTH_TYPE=", variables);
        Assert.Contains("REMOTE_USER=", variables);
    }

    [Fact]
    public async Task OtherProgramsDoNot()
    {
        await using RunningApp app = await RunningApp.StartAsync(Plain, new() { ["env.wasm"] = Programs.Environment });

        string variables = await app.Client.GetStringAsync("/files/a", Stop);

        Assert.DoesNotContain("X_MATCHED_ROUTE", variables, StringComparison.Ordinal);
        Assert.DoesNotContain("REMOTE_USER", variables, StringComparison.Ordinal);
    }
}
