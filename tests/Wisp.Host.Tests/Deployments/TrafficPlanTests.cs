using CsCheck;
using Wisp.Host.Deployments;

namespace Wisp.Host.Tests.Deployments;

public sealed class TrafficPlanTests
{
    private static readonly Gen<List<TrafficShare>> Shares = Gen.Int[1, 99].Array[0, 6].Select(cuts =>
    {
        int[] borders = [0, .. cuts.Distinct().Order(), 100];
        return borders.Zip(borders.Skip(1)).Select((pair, i) => new TrafficShare(i + 1, pair.Second - pair.First)).ToList();
    });

    [Fact]
    public void CanaryGetsItsPartAndTheOthersTheRest() => Gen.Select(Shares, Gen.Int[1, 100]).Sample((present, canary) =>
    {
        IReadOnlyList<TrafficShare> shares = TrafficPlan.WithCanary(present, 99, canary);

        Assert.Null(TrafficPlan.FaultOf(shares));
        Assert.Equal(canary, shares.Single(share => share.Version == 99).Weight);
        Assert.All(shares, share => Assert.True(share.Weight > 0));
        foreach (TrafficShare share in shares.Where(share => share.Version != 99))
        {
            int before = present.Single(other => other.Version == share.Version).Weight;
            Assert.InRange(share.Weight, (before * (100 - canary) / 100) - 1, (before * (100 - canary) / 100) + present.Count);
        }
    });

    [Fact]
    public void FirstVersionGetsAll() => Assert.Equal([new TrafficShare(1, 100)], TrafficPlan.WithCanary([], 1, 10));

    [Theory]
    [InlineData("1=100", true)]
    [InlineData("1=100,2=0", true)]
    [InlineData("1=50,2=49", false)]
    [InlineData("1=150,2=-50", false)]
    [InlineData("1=50,1=50", false)]
    public void SharesAddUpAndAreDistinct(string text, bool isGood) =>
        Assert.Equal(isGood, TrafficPlan.FaultOf(Wisp.Host.State.TrafficText.Parse(text)) is null);

    [Theory]
    [InlineData("3=100 2=100 1=100", 2)]
    [InlineData("3=90,4=10 3=100 2=100", 3)]
    [InlineData("4=100 3=90,4=10 3=100", 3)]
    [InlineData("2=100 3=100 2=100 1=100", 3)]
    [InlineData("1=100", null)]
    [InlineData("5=100 7=100 4=100", 4)]
    public void RollbackGoesToTheOneThatAnsweredBefore(string history, int? expected) => Assert.Equal(expected, TrafficPlan.Before(
        [.. history.Split(' ').Select(Wisp.Host.State.TrafficText.Parse)], version => version != 7));
}
