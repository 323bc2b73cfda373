using Wisp.Host.Apps;
using Wisp.Host.Cron;
using Wisp.Host.Deployments;
using Wisp.Host.Telemetry.Metrics;

namespace Wisp.Host.Hosting;

// 1. Each version that gets traffic has one use of its App here; whoever takes one takes another under the same lock. So a version that
//    loses its traffic goes when its last request has ended, and no request meets a version that is gone.
// 2. Which version a request gets follows from how many came before: multiples of the golden ratio, modulo 1, lie evenly in [0, 1) after
//    any number of them. So a canary of 10 % gets 10 of 100 requests, and they do not come in a row.

/// <summary>An app on a server: its versions that get requests, and its cron triggers. Thread safe.</summary>
internal sealed class HostedApp(CronTriggers cron)
{
    private const uint GoldenRatio = 0x9E3779B9;   // of 2^32

    private readonly Lock _lock = new();
    private HostedShare[] _shares = [];   // none: the app was removed
    private uint[] _ends = [];            // of 2^32: where the part of each share but the last ends
    private uint _position;
    private DeployedVersion? _heard;

    /// <summary>Host names that lead here; changed by one thread at a time.</summary>
    public IReadOnlyList<string> Hosts { get; set; } = [];

    /// <summary>The version for a request, with a use that the caller must release; null when the app was removed.</summary>
    public App? Take()
    {
        lock (_lock)
        {
            if (_shares.Length == 0)
            {
                return null;
            }

            App app = _shares[_ends.Length == 0 ? 0 : Choose()].App;
            app.AddUse();
            return app;
        }
    }

    /// <summary>The loaded app of a version that gets traffic now and is the same, or null.</summary>
    public App? FindSame(DeployedVersion version)
    {
        lock (_lock)
        {
            return Array.Find(_shares, share => IsSame(share.Version, version)).App;
        }
    }

    /// <summary>Gives the app's requests to other versions. Those that were there before keep their <see cref="App"/>.</summary>
    /// <param name="shares">The versions, each once; none takes the app away.</param>
    public void SetShares(HostedShare[] shares)
    {
        App[] gone;
        lock (_lock)
        {
            gone = [.. _shares.Select(share => share.App).Except(shares.Select(share => share.App))];
            _shares = shares;
            _ends = EndsOf(shares);
        }

        Hear(shares);
        foreach (App app in gone)
        {
            app.ReleaseUse();
        }
    }

    /// <summary>What its components do this moment.</summary>
    public IReadOnlyList<ComponentGauge> Gauges()
    {
        HostedShare[] shares;
        lock (_lock)
        {
            shares = _shares;
        }

        return [.. shares.SelectMany(share => share.App.Gauges())];
    }

    /// <summary>Hears no more ticks of cron triggers; nothing is given traffic afterwards.</summary>
    public void StopCron() => cron.Dispose();

    /// <summary>Completes when no run of a cron trigger goes on any more; after the app was taken away.</summary>
    public Task EndedAsync() => cron.EndedAsync();

    private int Choose()
    {
        _position += GoldenRatio;
        int share = 0;
        while (share < _ends.Length && _position >= _ends[share])
        {
            share++;
        }

        return share;
    }

    /// <summary>Cron triggers are those of the version with the most traffic, the newest of several, so each runs once.</summary>
    private void Hear(HostedShare[] shares)
    {
        HostedShare most = shares.OrderByDescending(share => share.Weight).ThenByDescending(share => share.Version.Number).FirstOrDefault();
        if (_heard is null || most.Version is null || !IsSame(_heard, most.Version))
        {
            most.App?.AddUse();
            cron.Switch(most.App);
        }

        _heard = most.Version;
    }

    private static uint[] EndsOf(HostedShare[] shares)
    {
        long total = shares.Sum(share => (long)share.Weight);
        long sum = 0;
        return [.. shares.SkipLast(1).Select(share => (uint)Math.Min(uint.MaxValue, ((sum += share.Weight) << 32) / total))];
    }

    /// <summary>Files of a version never change, but secrets do, and images are made again.</summary>
    private static bool IsSame(DeployedVersion? a, DeployedVersion b) => a is not null && a.Number == b.Number
        && AreEqual(a.Variables, b.Variables) && AreEqual(a.Images, b.Images);

    private static bool AreEqual(IReadOnlyDictionary<string, string> a, IReadOnlyDictionary<string, string> b) =>
        ReferenceEquals(a, b) || (a.Count == b.Count && a.All(pair => b.TryGetValue(pair.Key, out string? value) && value == pair.Value));
}

/// <summary>A version and its part of the traffic.</summary>
/// <param name="Version">The version.</param>
/// <param name="App">It, ready to run.</param>
/// <param name="Weight">Its part; above zero.</param>
internal readonly record struct HostedShare(DeployedVersion Version, App App, int Weight);
