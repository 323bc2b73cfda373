using System.CommandLine;
using System.Globalization;
using Wisp.Cli.Output;
using Wisp.Cli.Remote;
using Wisp.Host.Admin;
using Wisp.Host.Admin.Messages;

namespace Wisp.Cli.Commands;

/// <summary><c>wisp status</c>: a server, or one app on it.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        var app = new Argument<string?>("app")
        {
            Description = "An app on the server. Default: that of this folder; where there is none, the server itself.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var server = new ServerArguments();
        var command = new CommandWithExamples(
            "status",
            "Show an app on a server: versions that answer, routes, permissions, limits; or the server itself.",
            """
            wisp status shop
            wisp status --format json
            """)
        {
            app,
        };
        server.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            using AdminClient client = server.Open(parsed);
            if (ServerArguments.AppOrNone(parsed.GetValue(app)) is string name)
            {
                server.Output.Write(
                    parsed,
                    await client.GetAsync($"{AdminEndpoints.Root}/apps/{name}", AdminJson.Reading.AppDetailMessage, stop).ConfigureAwait(false),
                    AdminJson.Reading.AppDetailMessage, Show);
                return ExitCode.Success;
            }

            ServerMessage status = await client.GetAsync($"{AdminEndpoints.Root}/status", AdminJson.Reading.ServerMessage, stop).ConfigureAwait(false);
            server.Output.Write(parsed, status, AdminJson.Reading.ServerMessage, server => Show(server, client.Address));
            return ExitCode.Success;
        });
        return command;
    }

    private static Listing Show(ServerMessage server, Uri address) => Listing.OfPairs(
    [
        ("server", ServerAddress.Text(address)),
        ("version", server.Version),
        ("up", RemoteText.Of(TimeSpan.FromSeconds(server.UptimeSeconds))),
        ("apps", $"{server.Apps}"),
        .. server.RequestsPerSecond is double rate ? [("requests", string.Create(CultureInfo.InvariantCulture, $"{rate:0.0} a second"))] : Array.Empty<(string, string)>(),
        ("domain", server.Domain),
        .. server.Addresses.Select(address => ("serving", address)),
        ("memory", RemoteText.OfBytes(server.MemoryBytes)),
    ]);

    private static Listing Show(AppDetailMessage app)
    {
        var rows = new List<(string, string)>
        {
            ("app", app.Name),
            ("traffic", RemoteText.Of(app.Traffic)),
            ("latest", $"v{app.Latest}"),
            ("hosts", RemoteText.HostsOf(app.Hosts)),
            ("created", RemoteText.Of(app.CreatedAt)),
            ("shown", $"v{app.Version}"),
        };
        foreach (RouteMessage route in app.Routes)
        {
            string methods = route.Methods.Count == 0 ? "" : $"{string.Join(',', route.Methods)} ";
            rows.Add(("route", $"{methods}{route.Route} -> {route.Component ?? $"{route.Status}"}"));
        }

        rows.AddRange(app.Cron.Select(cron => ("cron", $"{cron.Schedule} -> {cron.Component}")));
        foreach (ComponentMessage component in app.Components)
        {
            rows.Add(("component", $"{component.Name} ({component.Source})"));
            rows.AddRange(component.Permissions.Select(line => ("permission", $"{component.Name}: {line}")));
            rows.AddRange(component.Limits.Select(limit => ("limit", $"{component.Name}: {limit.Key} = {limit.Value}")));
        }

        rows.AddRange(app.Variables.Select(variable => (variable.Secret ? "secret" : "variable", $"{variable.Name}{(variable.Required ? " (required)" : "")}")));
        return Listing.OfPairs(rows);
    }
}
