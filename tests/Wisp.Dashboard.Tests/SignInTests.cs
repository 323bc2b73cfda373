using Microsoft.Playwright;
using Wisp.Host.Admin;
using Wisp.Host.Tests.Admin;
using static Microsoft.Playwright.Assertions;

namespace Wisp.Dashboard.Tests;

public sealed class SignInTests(ChromiumFixture chromium)
{
    [Fact]
    public async Task TokenIsAskedForOnceAndKeptInTheTabAlone()
    {
        await using DashboardTab tab = await DashboardTab.OpenAsync(chromium);
        await Expect(tab.Page.GetByLabel("Access token")).ToBeFocusedAsync();
        await tab.SignInAsync(tab.Server.TokenOf(AdminScope.Admin));
        await Expect(tab.Page.GetByRole(AriaRole.Link, new() { Name = "shop" })).ToBeVisibleAsync();

        await tab.Page.ReloadAsync();
        await Expect(tab.Page.GetByRole(AriaRole.Link, new() { Name = "shop" })).ToBeVisibleAsync();
        await Expect(tab.Page.Locator(".who")).ToHaveTextAsync("admin (admin)");
        Assert.Equal(string.Empty, await tab.Page.EvaluateAsync<string>("document.cookie"));
        Assert.Equal(0, await tab.Page.EvaluateAsync<int>("localStorage.length"));
        Assert.DoesNotContain(tab.Requests, url => url.Contains(tab.Server.TokenOf(AdminScope.Admin), StringComparison.Ordinal));

        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Expect(tab.Page.GetByLabel("Access token")).ToBeVisibleAsync();
        Assert.Equal(0, await tab.Page.EvaluateAsync<int>("sessionStorage.length"));
    }

    [Fact]
    public async Task WrongTokenIsRefusedInWords()
    {
        await using DashboardTab tab = await DashboardTab.OpenAsync(chromium);
        await tab.SignInAsync("wisp_wrong");
        await Expect(tab.Page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "does not accept this token" })).ToBeVisibleAsync();
        await Expect(tab.Page.GetByLabel("Access token")).ToBeFocusedAsync();
        await Expect(tab.Page.Locator("#bar")).ToBeHiddenAsync();

        await tab.SignInAsync("naïve token");
        await Expect(tab.Page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "does not look like a token" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task TokenThatIsTakenAwayEndsTheSession()
    {
        await using DashboardTab tab = await DashboardTab.SignedInAsync(chromium);
        Assert.True(tab.Server.Tokens.Remove("admin", "test"));
        await Expect(tab.Page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "no longer accepts the token" })).ToBeVisibleAsync();
        Assert.Equal(0, await tab.Page.EvaluateAsync<int>("sessionStorage.length"));
    }

    [Fact]
    public async Task ServerWithoutAppsShowsTheCommandsForTheFirst()
    {
        await using DashboardTab tab = await DashboardTab.SignedInAsync(chromium, await DashboardServer.StartAsync(new FakeDeployments()));
        await Expect(tab.Page.GetByRole(AriaRole.Heading, new() { Name = "No apps yet" })).ToBeVisibleAsync();
        await Expect(tab.Page.GetByText($"wisp login {tab.Server.Url.TrimEnd('/')}", new() { Exact = true })).ToBeVisibleAsync();
        await Expect(tab.Page.GetByText("wisp deploy hello", new() { Exact = true })).ToBeVisibleAsync();

        tab.Server.Deployments.With("hello", versions: 1);
        await Expect(tab.Page.GetByRole(AriaRole.Link, new() { Name = "hello" })).ToBeVisibleAsync();
        await Expect(tab.Page.GetByRole(AriaRole.Heading, new() { Name = "No apps yet" })).ToBeHiddenAsync();
    }
}
