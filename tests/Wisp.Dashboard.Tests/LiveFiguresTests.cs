using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Wisp.Dashboard.Tests;

public sealed class LiveFiguresTests(ChromiumFixture chromium)
{
    [Fact]
    public async Task FiguresAndChartsFollowTheServer()
    {
        await using DashboardTab tab = await DashboardTab.SignedInAsync(chromium);
        tab.Server.SetLive("shop", requestsPerSecond: 12.5, p99Ms: 8, errors: 0, coldStarts: 1);
        ILocator row = tab.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = "shop" });
        await Expect(row.Locator("[data-label='Requests/s']")).ToHaveTextAsync("13");
        await Expect(row.Locator("[data-label='p99']")).ToHaveTextAsync("8.0 ms");
        await Expect(row.Locator("[data-label='Cold starts']")).ToHaveTextAsync("1");
        await Expect(row.Locator("[data-alarm]")).ToHaveCountAsync(0);

        ILocator line = tab.Page.GetByRole(AriaRole.Region, new() { Name = "Requests per second" }).Locator("path.line");
        string? before = await line.GetAttributeAsync("d");
        tab.Server.SetLive("shop", requestsPerSecond: 340, p99Ms: 1250, errors: 7);
        await Expect(row.Locator("[data-label='Requests/s']")).ToHaveTextAsync("340");
        await Expect(row.Locator("[data-label='p99']")).ToHaveTextAsync("1.25 s");
        await Expect(row.Locator("[data-alarm]")).ToHaveTextAsync("7");
        await Expect(line).Not.ToHaveAttributeAsync("d", before!);

        await tab.GoAsync("#/apps/shop");
        await Expect(tab.Page.GetByRole(AriaRole.Region, new() { Name = "Errors" }).Locator(".figure-value")).ToHaveTextAsync("7");
        await Expect(tab.Page.GetByRole(AriaRole.Link, new() { Name = "Errors" }).Locator(".badge")).ToHaveTextAsync("7");
    }

    [Fact]
    public async Task LostConnectionIsShownAndComesBack()
    {
        await using DashboardTab tab = await DashboardTab.SignedInAsync(chromium);
        tab.Server.IsCut = true;
        ILocator notice = tab.Page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "No answer from the server since" });
        await Expect(notice).ToBeVisibleAsync();
        await Expect(tab.Page.Locator(".state")).ToHaveTextAsync("No connection");
        await Expect(tab.Page.GetByRole(AriaRole.Link, new() { Name = "shop" })).ToBeVisibleAsync();   // what was known stays

        tab.Server.IsCut = false;
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Try now" }).ClickAsync();
        await Expect(tab.Page.Locator(".state")).ToHaveTextAsync("Live");
        await Expect(notice).ToBeHiddenAsync();
    }
}
