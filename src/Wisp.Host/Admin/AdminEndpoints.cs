using Wisp.Host.Routing;

namespace Wisp.Host.Admin;

/// <summary>All endpoints of the API, each with the scope that it takes.</summary>
internal static class AdminEndpoints
{
    public const string Root = "/api/v1";

    public static RouteTable<AdminEndpoint> Create(AdminServerOptions options, AdminServices services, CancellationToken stopping)
    {
        var table = new RouteTable<AdminEndpoint>();
        foreach (AdminEndpoint endpoint in List(options, services, stopping))
        {
            if (!RoutePattern.TryParse(endpoint.Path, out RoutePattern? pattern, out string? fault))
            {
                throw new InvalidOperationException(fault);
            }

            table.Add(pattern, [endpoint.Method], endpoint);
        }

        return table;
    }

    public static IReadOnlyList<AdminEndpoint> List(AdminServerOptions options, AdminServices services, CancellationToken stopping)
    {
        var apps = new AppEndpoints(services);
        var deploys = new DeployEndpoint(options, services);
        var secrets = new SecretEndpoints(services.Deployments);
        var tokens = new TokenEndpoints(services);
        return
        [
            .. ListTelemetry(options, services, stopping),
            new("GET", $"{Root}/status", AdminScope.Read, apps.ServerAsync),
            new("GET", $"{Root}/apps", AdminScope.Read, apps.ListAsync),
            new("GET", $"{Root}/apps/:app", AdminScope.Read, apps.ShowAsync),
            new("DELETE", $"{Root}/apps/:app", AdminScope.Admin, apps.DeleteAsync),
            new("GET", $"{Root}/apps/:app/versions", AdminScope.Read, apps.VersionsAsync),
            new("POST", $"{Root}/apps/:app/versions", AdminScope.Deploy, deploys.DeployAsync) { MaxBodyBytes = options.MaxBundleBytes },
            new("PUT", $"{Root}/apps/:app/traffic", AdminScope.Deploy, apps.SetTrafficAsync),
            new("POST", $"{Root}/apps/:app/rollback", AdminScope.Deploy, apps.RollbackAsync),
            new("GET", $"{Root}/apps/:app/secrets", AdminScope.Read, secrets.ListAsync),
            new("PUT", $"{Root}/apps/:app/secrets/:name", AdminScope.Admin, secrets.SetAsync),
            new("DELETE", $"{Root}/apps/:app/secrets/:name", AdminScope.Admin, secrets.DeleteAsync),
            new("GET", $"{Root}/tokens", AdminScope.Admin, tokens.ListAsync),
            new("POST", $"{Root}/tokens", AdminScope.Admin, tokens.CreateAsync),
            new("DELETE", $"{Root}/tokens/:name", AdminScope.Admin, tokens.DeleteAsync),
            new("GET", $"{Root}/audit", AdminScope.Admin, tokens.AuditAsync),
        ];
    }

    private static IReadOnlyList<AdminEndpoint> ListTelemetry(AdminServerOptions options, AdminServices services, CancellationToken stopping)
    {
        if (services.Telemetry is null)
        {
            return [];
        }

        var telemetry = new TelemetryEndpoints(services.Telemetry, services.Deployments, options.MaxFollowers, stopping);
        return
        [
            new("GET", "/metrics", AdminScope.Read, telemetry.MetricsAsync),
            new("GET", $"{Root}/live", AdminScope.Read, telemetry.LiveAsync),
            new("GET", $"{Root}/apps/:app/invocations", AdminScope.Read, telemetry.InvocationsAsync),
            new("GET", $"{Root}/apps/:app/logs", AdminScope.Read, telemetry.LogsAsync),
        ];
    }
}
