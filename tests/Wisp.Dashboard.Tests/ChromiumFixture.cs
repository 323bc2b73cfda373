using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Wisp.Dashboard.Tests.ChromiumFixture))]

namespace Wisp.Dashboard.Tests;

/// <summary>One Chromium for all tests, of those that are installed. Nothing is downloaded.</summary>
public sealed class ChromiumFixture : IAsyncLifetime
{
    private static readonly string[] Places =
    [
        Environment.GetEnvironmentVariable("WISP_CHROMIUM") ?? string.Empty,
        "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome",
    ];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        if (Places.FirstOrDefault(File.Exists) is not string path)
        {
            return;
        }

        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = path,
            Headless = true,
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync",
            ],
            Timeout = Patience,
        });
    }

    /// <summary>Milliseconds that a condition may take on a busy machine.</summary>
    public const float Patience = 60_000;

    /// <summary>A tab with nothing stored, or the test is skipped because there is no Chromium.</summary>
    /// <param name="width">Width of the window in pixels.</param>
    /// <param name="scheme">Whether the person likes it light or dark.</param>
    public async Task<IPage> NewPageAsync(int width = 1280, ColorScheme scheme = ColorScheme.Light)
    {
        Assert.SkipWhen(_browser is null, "no Chromium: install chromium, or name one with WISP_CHROMIUM");
        IBrowserContext context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = 844 },
            ColorScheme = scheme,
            ReducedMotion = ReducedMotion.Reduce,   // a color that is still fading in has no contrast yet
            TimezoneId = "Europe/Berlin",
            Locale = "en-GB",
        });
        context.SetDefaultTimeout(Patience);
        Assertions.SetDefaultExpectTimeout(Patience);
        return await context.NewPageAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }
}
