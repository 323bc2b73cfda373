using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Wisp.Dashboard.Tests;

public sealed class LogTests(ChromiumFixture chromium)
{
    [Fact]
    public async Task LogFollowsPausesAndGoesOn()
    {
        DashboardServer server = await DashboardServer.StartAsync();
        server.Log("from before");
        await using DashboardTab tab = await DashboardTab.SignedInAsync(chromium, server, place: "#/apps/shop/logs");
        ILocator log = tab.Page.GetByRole(AriaRole.Log);
        ILocator lines = tab.Page.Locator(".log-text");
        await Expect(lines).ToHaveTextAsync(["from before"]);
        server.Log("live");
        await Expect(lines).ToHaveTextAsync(["from before", "live"]);
        await Expect(log).ToHaveAttributeAsync("aria-live", "off");   // a busy log would drown everything else that is read out

        ILocator pause = tab.Page.Locator("#pause");
        await pause.ClickAsync();
        await Expect(pause).ToHaveAttributeAsync("aria-pressed", "true");
        server.Log("while paused");
        await Expect(pause).ToHaveTextAsync("Resume (1 new)");
        await Expect(lines).ToHaveCountAsync(2);
        await pause.ClickAsync();
        await Expect(lines).ToHaveTextAsync(["from before", "live", "while paused"]);
    }

    [Fact]
    public async Task LogIsFilteredByStreamTextAndInvocation()
    {
        DashboardServer server = await DashboardServer.StartAsync();
        server.Log("to the client", "stdout", invocation: 11);
        server.Log("a warning", "stderr", invocation: 12);
        server.Log("another warning", "stderr", invocation: 13);
        await using DashboardTab tab = await DashboardTab.SignedInAsync(chromium, server, place: "#/apps/shop/logs");
        ILocator lines = tab.Page.Locator(".log-text");
        await Expect(lines).ToHaveCountAsync(3);
        await tab.Page.GetByRole(AriaRole.Radio, new() { Name = "stderr" }).CheckAsync(new() { Force = true });
        await Expect(lines).ToHaveTextAsync(["a warning", "another warning"]);
        await tab.Page.GetByLabel("Show only lines that contain").FillAsync("ANOTHER");
        await Expect(lines).ToHaveTextAsync(["another warning"]);
        await tab.Page.GetByLabel("Show only lines that contain").FillAsync("nothing like it");
        await Expect(tab.Page.GetByText("No line passes the filters.")).ToBeVisibleAsync();

        await tab.Page.GetByLabel("Show only this invocation").FillAsync("12");
        await tab.Page.Keyboard.PressAsync("Enter");
        await Expect(lines).ToHaveTextAsync(["a warning"]);
        Assert.EndsWith("#/apps/shop/logs?invocation=12", tab.Page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LogGoesOnWhereItBrokeOff()
    {
        DashboardServer server = await DashboardServer.StartAsync();
        server.Log("before");
        await using DashboardTab tab = await DashboardTab.SignedInAsync(chromium, server, place: "#/apps/shop/logs");
        ILocator lines = tab.Page.Locator(".log-text");
        await Expect(lines).ToHaveTextAsync(["before"]);
        await server.GoAwayAsync();
        await Expect(tab.Page.Locator(".log-state")).ToContainTextAsync("Trying to follow again");
        server.Log("meanwhile");
        await server.ComeBackAsync();
        await Expect(lines).ToHaveTextAsync(["before", "meanwhile"]);
        server.Log("after");
        await Expect(lines).ToHaveTextAsync(["before", "meanwhile", "after"]);
    }

    [Fact]
    public async Task LogThatNeverEndsKeepsThePageSmall()
    {
        DashboardServer server = await DashboardServer.StartAsync();
        await using DashboardTab tab = await DashboardTab.SignedInAsync(chromium, server, place: "#/apps/shop/logs");
        await Expect(tab.Page.GetByText("Following.", new() { Exact = true })).ToBeVisibleAsync();
        for (int i = 1; i <= 7000; i++)
        {
            server.Log($"line {i}");
        }

        ILocator lines = tab.Page.Locator(".log-text");
        await Expect(lines.Last).ToHaveTextAsync("line 7000");
        Assert.InRange(await lines.CountAsync(), 1, 1000);
    }
}
