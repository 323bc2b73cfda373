using Wisp.Host.Telemetry;
using Wisp.Host.Telemetry.Live;
using Wisp.Host.Telemetry.Messages;

namespace Wisp.Host.Tests.Telemetry.Live;

public sealed class LiveFiguresTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private readonly ManualClock _clock = new(Noon);
    private readonly LiveFigures _figures;

    public LiveFiguresTests() => _figures = new LiveFigures(_clock);

    [Fact]
    public void FiguresAreThoseOfEachVersionOfTheAppAndOfAll()
    {
        Add("shop", 1, 10, milliseconds: 1);
        Add("shop", 2, 5, milliseconds: 100, status: 500, wake: TimeSpan.FromMilliseconds(1), denied: 2);
        Add("blog", 7, 1, milliseconds: 10, status: 404);
        Add(null, 0, 3, milliseconds: 1, status: 404);
        _clock.Set(Noon.AddSeconds(1));

        LiveMessage live = _figures.Read();
        Assert.Equal(Noon.AddSeconds(1), live.Time);
        Assert.Equal(["blog", "shop"], live.Apps.Select(app => app.App));
        LiveAppMessage shop = live.Apps[1];
        Assert.Equal((15, 3.0, 5, 5, 10), (shop.Requests, shop.RequestsPerSecond, shop.Errors, shop.ColdStarts, shop.Denied));
        Assert.Equal([(1, 10, 0), (2, 5, 5)], shop.Versions.Select(version => (version.Version, version.Requests, version.Errors)));
        Assert.InRange(shop.P50Ms!.Value, 1, 1.25);
        Assert.InRange(shop.P99Ms!.Value, 100, 125);
        Assert.InRange(shop.Versions[0].P99Ms!.Value, 1, 1.25);
        Assert.Equal((19, 5), (live.Total.Requests, live.Total.Errors));
    }

    [Fact]
    public void RateIsThatOfTheLastFiveWholeSeconds()
    {
        for (int second = 0; second < 10; second++)
        {
            _clock.Set(Noon.AddSeconds(second));
            Add("shop", 1, second < 5 ? 100 : 20);
        }

        Assert.Equal((4 * 20 + 100) / 5.0, _figures.Read().Apps[0].RequestsPerSecond);
        _clock.Set(Noon.AddSeconds(10));
        Assert.Equal(20, _figures.Read().Apps[0].RequestsPerSecond);
        _clock.Set(Noon.AddSeconds(30));
        Assert.Equal((0.0, 600), (_figures.Read().Apps[0].RequestsPerSecond, _figures.Read().Apps[0].Requests));
    }

    [Fact]
    public void AfterAMinuteNothingIsLeft()
    {
        Add("shop", 1, 10, milliseconds: 50);
        _clock.Set(Noon.AddSeconds(30));
        Add("shop", 1, 1, milliseconds: 1);
        _clock.Set(Noon.AddSeconds(59.9));
        Assert.Equal(11, _figures.Read().Apps[0].Requests);

        _clock.Set(Noon.AddSeconds(60));
        LiveAppMessage later = _figures.Read().Apps[0];
        Assert.Equal(1, later.Requests);
        Assert.InRange(later.P99Ms!.Value, 1, 1.25);

        _clock.Set(Noon.AddSeconds(91));
        Assert.Empty(_figures.Read().Apps);
        Assert.Null(_figures.Read().Total.P50Ms);

        // A ring that was once full begins anew.
        Add("shop", 1, 2);
        Assert.Equal(2, _figures.Read().Apps[0].Requests);
    }

    [Theory]
    [InlineData(0, 0.001, 0.033)]
    [InlineData(0.02, 0.02, 0.033)]
    [InlineData(0.1, 0.1, 0.125)]
    [InlineData(7, 7, 8.75)]
    [InlineData(999, 999, 1249)]
    [InlineData(120_000, 120_000, 150_000)]
    [InlineData(10_000_000, 120_000, 200_000)]
    public void EstimateIsAtMostAQuarterTooLarge(double milliseconds, double least, double most)
    {
        int[] buckets = new int[DurationBuckets.Count];
        buckets[DurationBuckets.IndexOf(TimeSpan.FromMilliseconds(milliseconds))]++;
        Assert.InRange(DurationBuckets.Quantile(buckets, 0.5)!.Value, least, most);
    }

    [Fact]
    public void LongerDurationsAreNeverInEarlierBuckets()
    {
        int last = 0;
        for (double nanoseconds = 1; nanoseconds < 1e12; nanoseconds *= 1.01)
        {
            int index = DurationBuckets.IndexOf(TimeSpan.FromTicks((long)(nanoseconds / 100)));
            Assert.InRange(index, last, Math.Min(last + 1, DurationBuckets.Count - 1));
            last = index;
        }

        Assert.Equal(DurationBuckets.Count - 1, last);
        Assert.Equal(0, DurationBuckets.IndexOf(TimeSpan.FromTicks(-5)));
    }

    [Fact]
    public void QuantilesSplitTheCounts()
    {
        int[] buckets = new int[DurationBuckets.Count];
        buckets[8] = 89;
        buckets[16] = 10;
        buckets[24] = 1;
        double?[] quantiles = [.. new[] { 0.5, 0.89, 0.9, 0.99, 1 }.Select(part => DurationBuckets.Quantile(buckets, part))];
        Assert.Equal([quantiles[0], quantiles[0], quantiles[0] * 4, quantiles[0] * 4, quantiles[0] * 16], quantiles);
    }

    private void Add(
        string? app, int version, int count, double milliseconds = 1, int status = 200, TimeSpan? wake = null, long denied = 0)
    {
        for (int i = 0; i < count; i++)
        {
            _figures.Completed(new InvocationRecord
            {
                Number = i + 1,
                Started = _clock.GetUtcNow(),
                Origin = new InvocationOrigin(app, version, "/", "web"),
                Method = "GET",
                Target = "/",
                Status = status,
                Wall = TimeSpan.FromMilliseconds(milliseconds),
                Figures = new RunFigures(TimeSpan.Zero, TimeSpan.Zero, 0, wake, null, denied),
            });
        }
    }
}
