using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Wisp.Permissions;
using static Microsoft.Playwright.Assertions;

namespace Wisp.Dashboard.Tests;

/// <summary>What holds for every view.</summary>
public sealed class PageTests(ChromiumFixture chromium)
{
    private static readonly string[] Places =
    [
        "#/", "#/apps/shop", "#/apps/shop/requests", "#/apps/shop/errors", "#/apps/shop/permissions", "#/apps/shop/logs",
        "#/apps/shop/versions", "#/apps/shop/secrets", "#/audit", "#/apps/no-such-app",
    ];

    [Fact]
    public async Task NoViewComplainsOrAsksAnotherServer()
    {
        await using DashboardTab tab = await DashboardTab.SignedInAsync(chromium, await BusyServerAsync());
        foreach (string place in Places.Where(place => !place.Contains("no-such", StringComparison.Ordinal)))
        {
            await VisitAsync(tab, place);
        }

        Assert.Empty(tab.Complaints);
        Assert.All(tab.Requests, url => Assert.StartsWith(tab.Server.Url, url, StringComparison.Ordinal));
        Assert.Contains(tab.Requests, url => url.EndsWith("/assets/views/logs.js", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(390)]
    [InlineData(320)]
    [InlineData(768)]
    public async Task NoViewScrollsSideways(int width)
    {
        await using DashboardTab tab = await DashboardTab.SignedInAsync(chromium, await BusyServerAsync(), width: width);
        foreach (string place in Places)
        {
            await VisitAsync(tab, place);
            int excess = await tab.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth");
            Assert.True(excess <= 0, $"{place} is {excess} pixels wider than {width}: {await WidestAsync(tab)}");
        }
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task AccessibilityRulesHoldInEveryView(ColorScheme scheme)
    {
        await using DashboardTab tab = await DashboardTab.SignedInAsync(chromium, await BusyServerAsync(), scheme: scheme);
        foreach (string place in Places)
        {
            await VisitAsync(tab, place);
            await AssertAccessibleAsync(tab, place);
        }

        await tab.GoAsync("#/apps/shop/versions");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Roll back", Exact = true }).ClickAsync();
        await Expect(tab.Page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await AssertAccessibleAsync(tab, "the dialog");
        await tab.Page.Keyboard.PressAsync("Escape");
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Expect(tab.Page.GetByLabel("Access token")).ToBeVisibleAsync();
        await AssertAccessibleAsync(tab, "signing in");
    }

    [Fact]
    public async Task ManyAppsAreFilteredAndShownAHundredAtATime()
    {
        var deployments = new Host.Tests.Admin.FakeDeployments();
        foreach (int number in Enumerable.Range(1, 250))
        {
            deployments.With($"app-{number:000}", versions: 1);
        }

        await using DashboardTab tab = await DashboardTab.SignedInAsync(chromium, await DashboardServer.StartAsync(deployments));
        ILocator rows = tab.Page.Locator(".apps tbody tr");
        await Expect(rows).ToHaveCountAsync(100);
        await tab.Page.GetByRole(AriaRole.Button, new() { Name = "Show 100 more" }).ClickAsync();
        await Expect(rows).ToHaveCountAsync(200);
        await tab.Page.GetByLabel("Filter apps by name").FillAsync("app-24");
        await Expect(rows).ToHaveCountAsync(10);
        await Expect(tab.Page.GetByRole(AriaRole.Heading, new() { Name = "10 of 250 apps" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task KeyboardAloneSignsInFindsAnAppAndRollsBack()
    {
        await using DashboardTab tab = await DashboardTab.OpenAsync(chromium);
        await Expect(tab.Page.GetByLabel("Access token")).ToBeFocusedAsync();
        await tab.Page.Keyboard.InsertTextAsync(tab.Server.TokenOf(Host.Admin.AdminScope.Admin));
        await tab.Page.Keyboard.PressAsync("Enter");
        ILocator app = tab.Page.GetByRole(AriaRole.Link, new() { Name = "shop" });
        await Expect(app).ToBeVisibleAsync();
        await tab.TabToAsync(app);
        await tab.Page.Keyboard.PressAsync("Enter");
        await Expect(tab.Page.GetByRole(AriaRole.Heading, new() { Name = "shop", Exact = true })).ToBeVisibleAsync();
        await Expect(tab.Page.Locator("main")).ToBeFocusedAsync();

        ILocator back = tab.Page.GetByRole(AriaRole.Button, new() { Name = "Roll back", Exact = true });
        await tab.TabToAsync(back);
        await tab.Page.Keyboard.PressAsync("Enter");
        ILocator dialog = tab.Page.GetByRole(AriaRole.Dialog);
        await Expect(dialog).ToBeVisibleAsync();
        await tab.Page.Keyboard.PressAsync("Escape");
        await Expect(dialog).ToBeHiddenAsync();
        await Expect(back).ToBeFocusedAsync();

        await tab.Page.Keyboard.PressAsync("Enter");
        await tab.TabToAsync(dialog.Locator("#confirm"));
        await tab.Page.Keyboard.PressAsync("Enter");
        await Expect(tab.Page.Locator(".app-head .traffic-words")).ToHaveTextAsync("v2 100 %");
    }

    [Fact]
    public async Task LineThatAllowsWhatWasDeniedIsCopied()
    {
        await using DashboardTab tab = await DashboardTab.SignedInAsync(chromium, await BusyServerAsync(), place: "#/apps/shop/permissions");
        await tab.Page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        await Expect(tab.Page.Locator(".denial .facts")).ToContainTextAsync("2 requests");   // the same denial, once
        await tab.Page.Locator(".denial .copy").ClickAsync();
        await Expect(tab.Page.Locator(".denial .copy")).ToHaveTextAsync("Copied");
        Assert.Equal(
            "permissions.net = [\"https://api.example.com\"]", await tab.Page.EvaluateAsync<string>("() => navigator.clipboard.readText()"));
    }

    /// <summary>The elements that stand out, for the message of a failure.</summary>
    private static Task<string> WidestAsync(DashboardTab tab) => tab.Page.EvaluateAsync<string>(
        "() => [...document.querySelectorAll('body *')].filter(element => element.getBoundingClientRect().right > innerWidth + 1)"
        + ".map(element => `${element.localName}.${element.getAttribute('class')}`).join(' ')");

    private static async Task AssertAccessibleAsync(DashboardTab tab, string where)
    {
        AxeResult result = await tab.Page.RunAxe();
        Assert.True(result.Violations.Length == 0, $"{where}: {string.Join("\n", result.Violations.Select(Describe))}");
    }

    private static string Describe(AxeResultItem rule) =>
        $"{rule.Id}: {rule.Help}\n{string.Join("\n", rule.Nodes.Select(node => "  " + node.Html))}";

    /// <summary>Goes to a place and waits until something is shown there.</summary>
    private static async Task VisitAsync(DashboardTab tab, string place)
    {
        await tab.GoAsync(place);
        string shown = place switch
        {
            "#/" => ".apps tbody tr",
            "#/apps/shop" => ".component",
            "#/audit" => ".audit tbody tr",
            "#/apps/no-such-app" => "main .error:not(:empty)",
            _ when place.EndsWith("/requests", StringComparison.Ordinal) => ".invocations tbody tr",
            _ when place.EndsWith("/errors", StringComparison.Ordinal) => ".failure",
            _ when place.EndsWith("/permissions", StringComparison.Ordinal) => ".denial",
            _ when place.EndsWith("/logs", StringComparison.Ordinal) => ".log-line",
            _ when place.EndsWith("/versions", StringComparison.Ordinal) => ".versions tbody tr",
            _ => ".section table",
        };
        await Expect(tab.Page.Locator(shown).First).ToBeVisibleAsync();
    }

    /// <summary>Something to show in every view, with names and lines longer than a phone is wide.</summary>
    private static async Task<DashboardServer> BusyServerAsync()
    {
        var deployments = new Host.Tests.Admin.FakeDeployments
        {
            Manifest = """
                [[trigger.http]]
                route = "/a/route/that/is/longer/than/any/telephone/is/wide/and/then/some/..."
                component = "cart"
                [component.cart]
                source = "cart.wasm"
                permissions.net = ["https://a-name-that-is-longer-than-any-telephone-is-wide.example.com"]
                """,
        }.With("shop", versions: 3).With("an-app-whose-name-is-longer-than-what-fits-on-a-phone", versions: 1);
        await deployments.SetSecretAsync("shop", "A_SECRET_WITH_A_NAME_THAT_IS_LONGER_THAN_ANY_TELEPHONE_IS_WIDE", "value", "test");
        DashboardServer server = await DashboardServer.StartAsync(deployments);
        server.Audit.Add(new Host.Admin.AuditEntry(0, DateTimeOffset.UnixEpoch, "somebody", "deploy", "shop", new string('x', 300)));
        server.Log(new string('x', 500));
        var end = new InvocationEnd
        {
            Target = "/" + new string('x', 300),
            Status = 500,
            WallMilliseconds = 123_456,
            IsCold = true,
            Failure = $"trap: {new string('y', 300)}\n  0: {new string('z', 300)}",
            Denied = new Denial(
                DenialCode.NetworkNotGranted, "connect to https://api.example.com:443", "cart.wasm", null, "--net https://api.example.com",
                "permissions.net = [\"https://api.example.com\"]"),
        };
        server.Complete(end);
        server.Complete(end);
        return server;
    }
}
