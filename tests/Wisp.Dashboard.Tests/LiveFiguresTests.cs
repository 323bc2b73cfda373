using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Wisp.Dashboard.Tests;

public sealed class LiveFiguresTests(ChromiumFixture chromium)
{
    [Fact]
    public async Task FiguresAndChartsFollowTheServer()
    {
        await using DashboardTab tab = await DashboardTab.SignedInAsync(chromium);
        ILocator row = tab.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = "shop" });
        ILocator rate = row.Locator("[data-label='Requests/s']");
        await Expect(rate).ToHaveTextAsync("0");
        await Expect(row.Locator("[data-label='p99']")).ToHaveTextAsync("–");
        await Expect(row.Locator("[data-alarm]")).ToHaveCountAsync(0);
        ILocator line = tab.Page.GetByRole(AriaRole.Region, new() { Name = "Requests per second" }).Locator("path.line");
        await Expect(line).ToHaveAttributeAsync("d", new System.Text.RegularExpressions.Regex(" 1\\.0000$"));   // at the bottom

        tab.Server.KeepCompleting(new InvocationEnd { WallMilliseconds = 900 });
        tab.Server.Complete(new InvocationEnd { Status = 500, IsCold = true });
        await Expect(rate).Not.ToHaveTextAsync("0");
        await Expect(row.Locator("[data-label='p99']")).ToHaveTextAsync(new System.Text.RegularExpressions.Regex(@"^(9\d\d ms|1(\.\d+)? s)$"));
        await Expect(row.Locator("[data-label='Cold starts']")).ToHaveTextAsync("1");
        await Expect(row.Locator("[data-alarm]")).ToHaveTextAsync("1");
        await Expect(line).Not.ToHaveAttributeAsync("d", new System.Text.RegularExpressions.Regex(" 1\\.0000$"));

        tab.Server.Complete(new InvocationEnd { Status = 500 });
        await tab.GoAsync("#/apps/shop");
        await Expect(tab.Page.GetByRole(AriaRole.Region, new() { Name = "Errors" }).Locator(".figure-value")).ToHaveTextAsync("2");
        await Expect(tab.Page.GetByRole(AriaRole.Link, new() { Name = "Errors" }).Locator(".badge")).ToHaveTextAsync("2");
    }

    [Fact]
    public async Task VersionsAreComparedWhileTrafficIsSplit()
    {
        await using DashboardTab tab = await DashboardTab.SignedInAsync(chromium, place: "#/apps/shop/versions");
        tab.Server.KeepCompleting(new InvocationEnd { Version = 2 });
        tab.Server.Complete(new InvocationEnd { Version = 3, Status = 500 });
        ILocator Cell(string version, string label) => tab.Page.GetByRole(AriaRole.Row)
            .Filter(new() { Has = tab.Page.GetByRole(AriaRole.Rowheader, new() { Name = version }) })
            .Locator($"[data-label='{label}']");
        await Expect(Cell("v3", "Errors")).ToHaveTextAsync("1");
        await Expect(Cell("v2", "Errors")).ToHaveTextAsync("0");
        await Expect(Cell("v2", "Requests/s")).Not.ToHaveTextAsync("0");
        await Expect(Cell("v1", "Requests/s")).ToHaveTextAsync(string.Empty);
    }

    [Fact]
    public async Task LostConnectionIsShownAndComesBack()
    {
        await using DashboardTab tab = await DashboardTab.SignedInAsync(chromium);
        await tab.Server.GoAwayAsync();
        ILocator notice = tab.Page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "No answer from the server since" });
        await Expect(notice).ToBeVisibleAsync();
        await Expect(tab.Page.Locator(".state")).ToHaveTextAsync("No connection");
        await Expect(tab.Page.GetByRole(AriaRole.Link, new() { Name = "shop" })).ToBeVisibleAsync();   // what was known stays

        await tab.Server.ComeBackAsync();
        await Expect(tab.Page.Locator(".state")).ToHaveTextAsync("Live");
        await Expect(notice).ToBeHiddenAsync();
    }

    [Fact]
    public async Task WaitingForTheServerCanBeCutShort()
    {
        await using DashboardTab tab = await DashboardTab.SignedInAsync(chromium);
        await tab.Page.RouteAsync("**/api/v1/**", route => route.AbortAsync());
        ILocator again = tab.Page.GetByRole(AriaRole.Button, new() { Name = "Try now" });
        await Expect(again).ToBeVisibleAsync();
        await tab.Page.UnrouteAsync("**/api/v1/**");
        await again.ClickAsync();
        await Expect(tab.Page.Locator(".state")).ToHaveTextAsync("Live");
    }
}
