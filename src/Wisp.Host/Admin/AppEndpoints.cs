using System.Globalization;
using Wisp.Host.Admin.Messages;
using Wisp.Host.Deployments;
using Wisp.Host.Manifests;
using Wisp.Permissions;

namespace Wisp.Host.Admin;

/// <summary>The endpoints about apps and their versions.</summary>
internal sealed class AppEndpoints(AdminServices services)
{
    private const int MaxShares = 32;

    private static readonly string Version = typeof(AppEndpoints).Assembly.GetName().Version?.ToString(3) ?? "unknown";

    private readonly IDeployments _deployments = services.Deployments;
    private readonly DateTimeOffset _started = services.Clock.GetUtcNow();

    public Task ServerAsync(AdminRequest request) => request.AnswerAsync(
        new ServerMessage(
            Version, _started, (services.Clock.GetUtcNow() - _started).TotalSeconds, _deployments.List().Count, Environment.WorkingSet,
            services.Domain, [.. services.Addresses()])
        {
            RequestsPerSecond = services.Telemetry?.Live.Read().Total.RequestsPerSecond,
            Token = new AskerMessage(request.By, AdminScopes.NameOf(request.Token.Scope)),
        },
        AdminJson.Default.ServerMessage);

    public Task ListAsync(AdminRequest request) => request.AnswerAsync(
        [.. _deployments.List().Select(app => new AppMessage(app.Name, app.Latest, app.Created, TrafficOf(app), services.HostsOf(app)))],
        AdminJson.Default.IReadOnlyListAppMessage);

    public Task ShowAsync(AdminRequest request)
    {
        AppStatus app = _deployments.Find(request.App);
        int version = app.Traffic.OrderByDescending(share => share.Weight).Select(share => share.Version).FirstOrDefault(app.Latest);
        AppManifest manifest = _deployments.Describe(app.Name, version).Manifest;
        return request.AnswerAsync(
            new AppDetailMessage(app.Name, app.Latest, app.Created, TrafficOf(app), services.HostsOf(app))
            {
                Version = version,
                Routes = [.. manifest.Http.Select(route => new RouteMessage(
                    route.Route.Text, route.Methods, route.Component, route.Response?.Status))],
                Cron = [.. manifest.Cron.Select(cron => new CronMessage(cron.Schedule.Text, cron.Component))],
                Components = [.. manifest.Components.Select(component => ComponentOf(component, manifest.Folder))],
                Variables = [.. manifest.Variables.Select(variable => new VariableMessage(variable.Name, variable.IsRequired, variable.IsSecret))],
            },
            AdminJson.Default.AppDetailMessage);
    }

    public Task VersionsAsync(AdminRequest request)
    {
        string name = request.App;
        var weights = _deployments.Find(name).Traffic.ToDictionary(share => share.Version, share => share.Weight);
        return request.AnswerAsync(
            [.. _deployments.Versions(name).Select(version => new VersionMessage(
                version.Number, version.Label, version.Digest, version.Created, version.By, weights.GetValueOrDefault(version.Number)))],
            AdminJson.Default.IReadOnlyListVersionMessage);
    }

    public async Task SetTrafficAsync(AdminRequest request)
    {
        string app = request.App;
        TrafficShare[] shares = SharesOf(await request.ReadAsync(AdminJson.Default.DictionaryStringInt32).ConfigureAwait(false));
        await _deployments.SetTrafficAsync(app, shares, request.By).ConfigureAwait(false);
        await AnswerAppAsync(request, _deployments.Find(app)).ConfigureAwait(false);
    }

    public async Task RollbackAsync(AdminRequest request)
    {
        string app = request.App;
        bool hasBody = request.Context.Request.ContentLength is not (null or 0) || request.Context.Request.Headers.ContainsKey("Transfer-Encoding");
        int? version = hasBody ? (await request.ReadAsync(AdminJson.Default.RollbackMessage).ConfigureAwait(false)).Version : null;
        if (version <= 0)
        {
            throw AdminFault.BadRequest("bad-version", "versions are numbers from 1 on");
        }

        await AnswerAppAsync(request, await _deployments.RollbackAsync(app, version, request.By).ConfigureAwait(false)).ConfigureAwait(false);
    }

    public async Task DeleteAsync(AdminRequest request)
    {
        string app = request.App;
        await _deployments.DeleteAsync(app, request.By).ConfigureAwait(false);
        services.Telemetry?.Forget(app);
        request.AnswerNothing();
    }

    public static IReadOnlyList<TrafficMessage> TrafficOf(AppStatus app) =>
        [.. app.Traffic.Select(share => new TrafficMessage(share.Version, share.Weight))];

    private Task AnswerAppAsync(AdminRequest request, AppStatus app) => request.AnswerAsync(
        new AppMessage(app.Name, app.Latest, app.Created, TrafficOf(app), services.HostsOf(app)), AdminJson.Default.AppMessage);

    private static TrafficShare[] SharesOf(Dictionary<string, int> weights)
    {
        var shares = new List<TrafficShare>();
        foreach ((string text, int weight) in weights)
        {
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int version) || version == 0 || weight is < 0 or > 100)
            {
                throw AdminFault.BadRequest(
                    "bad-traffic", $"{GuestText.Quote(text)}: {weight}: expected the number of a version and a weight from 0 to 100");
            }

            if (shares.Exists(share => share.Version == version))
            {
                throw AdminFault.BadRequest("bad-traffic", $"version {version} stands there twice");
            }

            shares.Add(new TrafficShare(version, weight));
        }

        return shares.Count <= MaxShares && shares.Sum(share => share.Weight) == 100
            ? [.. shares.Where(share => share.Weight > 0)]
            : throw AdminFault.BadRequest("bad-traffic", $"the weights of at most {MaxShares} versions add up to 100");
    }

    private static ComponentMessage ComponentOf(ComponentManifest component, string folder)
    {
        var limits = new Dictionary<string, string>();
        foreach ((string key, string? value) in LimitsOf(component))
        {
            if (value is not null)
            {
                limits[key] = value;
            }
        }

        return new ComponentMessage(
            component.Name, Path.GetRelativePath(folder, component.Source),
            [.. LinesOf(component.Grant)], limits);
    }

    /// <summary>A line for each thing that is granted, where a manifest would have a list.</summary>
    private static IEnumerable<string> LinesOf(Grant grant)
    {
        string list = string.Empty;
        foreach (string line in grant.ToToml().Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.EndsWith(" = [", StringComparison.Ordinal))
            {
                list = line;
            }
            else if (line.StartsWith("  ", StringComparison.Ordinal))
            {
                yield return $"{list}{line.Trim().TrimEnd(',')}]";
            }
            else if (line != "]")
            {
                yield return line;
            }
        }
    }

    /// <summary>Limits that its manifest says, as one would write them there.</summary>
    private static IEnumerable<(string Key, string? Value)> LimitsOf(ComponentManifest component)
    {
        ResourceLimits limits = component.Grant.Limits;
        yield return ("memory", Size(limits.MemoryBytes));
        yield return ("cpu", Time(limits.CpuTime));
        yield return ("wall", Time(limits.WallTime));
        yield return ("request", Size(component.RequestBytes));
        yield return ("response", Size(limits.ResponseBytes));
        yield return ("concurrency", component.Concurrency?.ToString(CultureInfo.InvariantCulture));
        yield return ("queue", component.Queue?.ToString(CultureInfo.InvariantCulture));
    }

    private static string? Size(long? bytes) => bytes switch
    {
        null => null,
        > 0 when bytes % (1 << 20) == 0 => string.Create(CultureInfo.InvariantCulture, $"{bytes >> 20}MiB"),
        > 0 when bytes % (1 << 10) == 0 => string.Create(CultureInfo.InvariantCulture, $"{bytes >> 10}KiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes}B"),
    };

    private static string? Time(TimeSpan? time) => time switch
    {
        null => null,
        { Ticks: > 0 } whole when whole.Ticks % TimeSpan.TicksPerSecond == 0 => string.Create(CultureInfo.InvariantCulture, $"{whole.TotalSeconds}s"),
        { } part => string.Create(CultureInfo.InvariantCulture, $"{part.TotalMilliseconds}ms"),
    };
}
