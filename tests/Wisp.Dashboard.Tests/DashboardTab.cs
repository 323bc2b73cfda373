using System.Collections.Concurrent;
using Microsoft.Playwright;
using Wisp.Host.Admin;
using static Microsoft.Playwright.Assertions;

namespace Wisp.Dashboard.Tests;

/// <summary>The page in a browser, before a server of its own.</summary>
internal sealed class DashboardTab : IAsyncDisposable
{
    private DashboardTab(DashboardServer server, IPage page)
    {
        Server = server;
        Page = page;
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                Complaints.Enqueue(message.Text);
            }
        };
        page.PageError += (_, error) => Complaints.Enqueue(error);
        page.Request += (_, request) => Requests.Enqueue(request.Url);
    }

    public DashboardServer Server { get; }

    public IPage Page { get; }

    /// <summary>Errors and warnings of the browser's console, and of scripts.</summary>
    public ConcurrentQueue<string> Complaints { get; } = [];

    /// <summary>Every address that was asked for.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    /// <summary>Opens the page, where it asks for a token.</summary>
    public static async Task<DashboardTab> OpenAsync(
        ChromiumFixture chromium, DashboardServer? server = null, int width = 1280, ColorScheme scheme = ColorScheme.Light)
    {
        IPage page = await chromium.NewPageAsync(width, scheme);
        var tab = new DashboardTab(server ?? await DashboardServer.StartAsync(), page);
        await page.GotoAsync(tab.Server.Url);
        return tab;
    }

    /// <summary>Opens the page with a token, at a place in it.</summary>
    public static async Task<DashboardTab> SignedInAsync(
        ChromiumFixture chromium,
        DashboardServer? server = null,
        AdminScope scope = AdminScope.Admin,
        string place = "#/",
        int width = 1280,
        ColorScheme scheme = ColorScheme.Light)
    {
        DashboardTab tab = await OpenAsync(chromium, server, width, scheme);
        await tab.SignInAsync(tab.Server.TokenOf(scope));
        await Expect(tab.Page.Locator(".state")).ToHaveTextAsync("Live");
        await tab.GoAsync(place);
        return tab;
    }

    public async Task SignInAsync(string token)
    {
        await Page.GetByLabel("Access token").FillAsync(token);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
    }

    /// <summary>Goes to a place in the page by its address.</summary>
    public Task GoAsync(string place) => Page.EvaluateAsync("place => { location.hash = place; }", place);

    /// <summary>Presses Tab until something has the focus.</summary>
    public async Task TabToAsync(ILocator wanted)
    {
        for (int i = 0; i < 60; i++)
        {
            await Page.Keyboard.PressAsync("Tab");
            if (await wanted.EvaluateAsync<bool>("element => element === document.activeElement"))
            {
                return;
            }
        }

        Assert.Fail("the keyboard does not lead there");
    }

    public async ValueTask DisposeAsync()
    {
        await Page.Context.DisposeAsync();
        await Server.DisposeAsync();
    }
}
