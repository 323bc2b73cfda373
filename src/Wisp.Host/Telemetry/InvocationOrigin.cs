using System.Globalization;
using System.Text;

namespace Wisp.Host.Telemetry;

/// <summary>What an invocation is one of. Made once for each route and cron trigger, so that what depends on it alone is made once too.</summary>
/// <param name="App">The app, or null for a program that is served by itself.</param>
/// <param name="Version">Number of the app's version, or 0 where there are no versions.</param>
/// <param name="Route">The route or the schedule; null when no route was found.</param>
/// <param name="Component">The component; null when no program runs.</param>
/// <param name="Trigger"><see cref="Http"/> or <see cref="Cron"/>.</param>
internal sealed record InvocationOrigin(string? App, int Version = 0, string? Route = null, string? Component = null, string Trigger = InvocationOrigin.Http)
{
    public const string Http = "http";
    public const string Cron = "cron";

    /// <summary>Of requests that reach no app, or a program that is served by itself.</summary>
    public static readonly InvocationOrigin None = new(App: null);

    /// <summary>What the log says about it: <c> app=shop version=3 route=/cart/... component=cart</c>, with a space in front; or empty.</summary>
    public string LogText { get; } = TextOf(App, Version, Trigger == Http ? Route : null, Component);

    private static string TextOf(string? app, int version, string? route, string? component)
    {
        if (app is null)
        {
            return string.Empty;
        }

        var text = new StringBuilder();
        text.Append(" app=").Append(app);
        text.Append(version == 0 ? string.Empty : string.Create(CultureInfo.InvariantCulture, $" version={version}"));
        text.Append(route is null ? string.Empty : $" route={Permissions.GuestText.Escape(route)}");
        return text.Append(component is null ? string.Empty : $" component={component}").ToString();
    }
}

/// <summary>One invocation.</summary>
/// <param name="Origin">What it is one of.</param>
/// <param name="Number">Its number: lines that its program writes carry it.</param>
internal readonly record struct InvocationId(InvocationOrigin Origin, long Number);
