using Microsoft.Playwright;
using Wisp.Permissions;
using static Microsoft.Playwright.Assertions;

namespace Wisp.Dashboard.Tests;

/// <summary>What a program or a client wrote is shown as text, whatever it looks like.</summary>
public sealed class GuestTextTests(ChromiumFixture chromium)
{
    private const string Hostile = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script></pre>&amp;";

    [Fact]
    public async Task LogShowsMarkupAsText()
    {
        await using DashboardTab tab = await DashboardTab.SignedInAsync(chromium, place: "#/apps/shop/logs");
        tab.Server.Log(Hostile);
        ILocator text = tab.Page.Locator(".log-text");
        await Expect(text).ToHaveTextAsync(Hostile);
        Assert.Equal(0, await text.EvaluateAsync<int>("element => element.childElementCount"));
        await AssertNothingRanAsync(tab);
    }

    [Fact]
    public async Task CharactersThatCannotBeSeenAreMadeVisible()
    {
        await using DashboardTab tab = await DashboardTab.SignedInAsync(chromium, place: "#/apps/shop/logs");
        tab.Server.Log("\u202eevil\u0007\u200b\u2028ok\tthen");
        await Expect(tab.Page.Locator(".log-text")).ToHaveJSPropertyAsync("textContent", "\ufffdevil\ufffd\ufffd\ufffdok\tthen");
    }

    [Fact]
    public async Task ErrorsAndRequestsShowMarkupAsText()
    {
        await using DashboardTab tab = await DashboardTab.SignedInAsync(chromium);
        tab.Server.Complete(new InvocationEnd
        {
            Target = $"/{Hostile}",
            Status = 500,
            Failure = $"trap: {Hostile}\n  0: {Hostile}",
            Denied = new Denial(DenialCode.NetworkNotGranted, $"open \"{Hostile}\"", Hostile, null, Hostile, Hostile),
        });

        await tab.GoAsync("#/apps/shop/errors");
        await Expect(tab.Page.Locator(".failure .reason")).ToHaveTextAsync($"trap: {Hostile}");
        await Expect(tab.Page.Locator(".failure .request")).ToHaveTextAsync($"GET /{Hostile}");
        await Expect(tab.Page.Locator(".backtrace")).ToHaveTextAsync($"0: {Hostile}");
        await tab.GoAsync("#/apps/shop/requests");
        await Expect(tab.Page.Locator(".invocations td.request")).ToHaveTextAsync($"GET /{Hostile}");
        await tab.GoAsync("#/apps/shop/permissions");
        await Expect(tab.Page.Locator(".denial .copy-line code")).ToHaveTextAsync(Hostile);
        await AssertNothingRanAsync(tab);
    }

    [Fact]
    public async Task BrowserRefusesTextAsMarkupEvenFromOurOwnScripts()
    {
        await using DashboardTab tab = await DashboardTab.SignedInAsync(chromium);
        string refusal = await tab.Page.EvaluateAsync<string>(
            "() => { try { document.body.innerHTML = '<b>x</b>'; return 'taken'; } catch (error) { return error.name; } }");
        Assert.Equal("TypeError", refusal);
    }

    private static async Task AssertNothingRanAsync(DashboardTab tab)
    {
        Assert.DoesNotContain("owned", await tab.Page.TitleAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await tab.Page.Locator("main img, main script").CountAsync());
        Assert.Empty(tab.Complaints);
    }
}
