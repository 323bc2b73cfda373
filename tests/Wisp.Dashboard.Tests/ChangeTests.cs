using Microsoft.Playwright;
using Wisp.Host.Admin;
using static Microsoft.Playwright.Assertions;

namespace Wisp.Dashboard.Tests;

public sealed class ChangeTests(ChromiumFixture chromium)
{
    [Fact]
    public async Task RollBackSaysWhatWillHappenAndDoesItOnceConfirmed()
    {
        await using DashboardTab tab = await DashboardTab.SignedInAsync(chromium, place: "#/apps/shop");
        ILocator open = tab.Page.GetByRole(AriaRole.Button, new() { Name = "Roll back", Exact = true });
        await open.ClickAsync();
        ILocator dialog = tab.Page.GetByRole(AriaRole.Dialog, new() { Name = "Roll shop back" });
        await Expect(dialog).ToContainTextAsync("All new requests to shop go to v2. v3, which has 100 %, gets none.");
        await Expect(dialog.GetByRole(AriaRole.Button, new() { Name = "Cancel" })).ToBeFocusedAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await Expect(dialog).ToBeHiddenAsync();
        await Expect(open).ToBeFocusedAsync();
        Assert.Empty(tab.Server.Deployments.Changes);

        await open.ClickAsync();
        await dialog.GetByLabel("To version").SelectOptionAsync("1");
        await Expect(dialog).ToContainTextAsync("go to v1.");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Roll back to v1" }).ClickAsync();
        await Expect(dialog).ToBeHiddenAsync();
        await Expect(tab.Page.Locator(".app-head .traffic-words")).ToHaveTextAsync("v1 100 %");
        Assert.Equal(["rollback shop v1 by admin"], tab.Server.Deployments.Changes);
        await Expect(tab.Page.GetByRole(AriaRole.Status).Filter(new() { HasText = "v1 of shop gets all requests now." })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task RollBackOfACanaryOffersWhatItWasToReplace()
    {
        DashboardServer server = await DashboardServer.StartAsync();
        await server.Deployments.SetTrafficAsync("shop", [new(3, 10), new(2, 90)], "test");
        await using DashboardTab tab = await DashboardTab.SignedInAsync(chromium, server, place: "#/apps/shop");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Roll back", Exact = true }).ClickAsync();
        await Expect(tab.Page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("All new requests to shop go to v2. v3, which has 10 %, gets none.");
    }

    [Fact]
    public async Task TrafficIsSentOnlyWhenItAddsUp()
    {
        await using DashboardTab tab = await DashboardTab.SignedInAsync(chromium, scope: AdminScope.Deploy, place: "#/apps/shop/versions");
        ILocator apply = tab.Page.GetByRole(AriaRole.Button, new() { Name = "Change traffic…" });
        await Expect(apply).ToHaveAttributeAsync("aria-disabled", "true");
        await tab.Page.GetByLabel("Percent of requests for v3").FillAsync("90");
        await Expect(tab.Page.Locator("#traffic-sum")).ToHaveTextAsync("The percents add up to 90, not to 100.");
        await apply.ClickAsync(new() { Force = true });
        await Expect(tab.Page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);

        await tab.Page.GetByLabel("Percent of requests for v2").FillAsync("10");
        await Expect(tab.Page.Locator("#traffic-sum")).ToHaveTextAsync("Adds up to 100 %.");
        await apply.ClickAsync();
        ILocator dialog = tab.Page.GetByRole(AriaRole.Dialog, new() { Name = "Change the traffic of shop" });
        await Expect(dialog.GetByRole(AriaRole.Row).Filter(new() { HasText = "v2" })).ToHaveTextAsync("v20 %10 %");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Change traffic" }).ClickAsync();
        await Expect(dialog).ToBeHiddenAsync();
        await Expect(tab.Page.Locator(".app-head .traffic-words")).ToHaveTextAsync("v2 10 %, v3 90 %");
        Assert.Equal(["traffic shop v2=10 v3=90 by deploy"], tab.Server.Deployments.Changes);
        await Expect(tab.Page.GetByLabel("Percent of requests for v2")).ToHaveValueAsync("10");
    }

    [Fact]
    public async Task RefusedChangeIsShownAndCanBeTriedAgain()
    {
        await using DashboardTab tab = await DashboardTab.SignedInAsync(chromium, place: "#/apps/shop/versions");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Roll back… v1" }).ClickAsync();
        ILocator dialog = tab.Page.GetByRole(AriaRole.Dialog);
        await Expect(dialog).ToBeVisibleAsync();
        await tab.Server.Deployments.DeleteAsync("shop", "somebody else");
        await dialog.Locator("#confirm").ClickAsync();
        await Expect(dialog.GetByRole(AriaRole.Alert)).ToHaveTextAsync("there is no app shop");
        await Expect(dialog.GetByRole(AriaRole.Button, new() { Name = "Try again" })).ToBeFocusedAsync();

        tab.Server.Deployments.With("shop", versions: 3);
        await dialog.Locator("#confirm").ClickAsync();
        await Expect(dialog).ToBeHiddenAsync();
        Assert.Contains("rollback shop v1 by admin", tab.Server.Deployments.Changes);
    }

    [Fact]
    public async Task TokenWithoutTheScopeFindsTheReasonAtEachControl()
    {
        await using DashboardTab tab = await DashboardTab.SignedInAsync(chromium, scope: AdminScope.Read, place: "#/apps/shop/versions");
        ILocator back = tab.Page.GetByRole(AriaRole.Button, new() { Name = "Roll back", Exact = true });
        await Expect(back).ToHaveAttributeAsync("aria-disabled", "true");
        await Expect(back).ToHaveAccessibleDescriptionAsync("This needs a token with the scope deploy. Yours, read, has read.");
        await back.ClickAsync(new() { Force = true });
        await Expect(tab.Page.GetByRole(AriaRole.Status).Filter(new() { HasText = "needs a token with the scope deploy" })).ToBeVisibleAsync();
        await Expect(tab.Page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await Expect(tab.Page.GetByLabel("Percent of requests for v3")).Not.ToBeEditableAsync();

        await tab.GoAsync("#/audit");
        await Expect(tab.Page.GetByText("This needs a token with the scope admin.")).ToBeVisibleAsync();
        Assert.Empty(tab.Server.Deployments.Changes);
        Assert.Empty(tab.Complaints);
    }
}
