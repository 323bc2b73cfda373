using System.Text;
using Wisp.Permissions;
using Wisp.Wasi.Preview1;

namespace Wisp.Wasi.Tests;

public sealed class ProcessTests
{
    [Fact]
    public void ArgumentsAndEnvironmentAreZeroTerminatedInOrder()
    {
        using TestGuest guest = new(
            grants: grant => grant.AddEnvironment("A", "1").AddEnvironment("B", "ü"),
            builds: builder => builder.AddArguments("prog", "a b", ""));
        Assert.Equal(Errno.Success, guest.Wasi.ArgsSizesGet(guest.View, 0, 4));
        Assert.Equal((3, 10), (BitConverter.ToInt32(guest.Memory), BitConverter.ToInt32(guest.Memory[4..])));
        Assert.Equal(Errno.Success, guest.Wasi.ArgsGet(guest.View, 16, 100));
        Assert.Equal("prog\0a b\0\0", Encoding.UTF8.GetString(guest.Memory.Slice(100, 10)));
        Assert.Equal((100, 105, 109),
            (BitConverter.ToInt32(guest.Memory[16..]), BitConverter.ToInt32(guest.Memory[20..]),
                BitConverter.ToInt32(guest.Memory[24..])));
        Assert.Equal(Errno.Success, guest.Wasi.EnvironSizesGet(guest.View, 0, 4));
        Assert.Equal(9, BitConverter.ToInt32(guest.Memory[4..]));
        Assert.Equal(Errno.Success, guest.Wasi.EnvironGet(guest.View, 16, 100));
        Assert.Equal("A=1\0B=ü\0", Encoding.UTF8.GetString(guest.Memory.Slice(100, 9)));
        Assert.Equal(Errno.Fault, guest.Wasi.EnvironGet(guest.View, 16, uint.MaxValue - 2));
    }

    [Fact]
    public void NothingOfTheHostEnvironmentIsThere()
    {
        using TestGuest guest = new();
        Assert.Equal(Errno.Success, guest.Wasi.EnvironSizesGet(guest.View, 0, 4));
        Assert.Equal(0, BitConverter.ToInt64(guest.Memory));
    }

    [Fact]
    public void RealClocksRunAndUnknownOnesFail()
    {
        using TestGuest guest = new();
        for (uint id = 0; id < 4; id++)
        {
            Assert.Equal(Errno.Success, guest.Wasi.ClockTimeGet(guest.View, id, 0, TestGuest.At));
            ulong first = guest.LongResult;
            Assert.Equal(Errno.Success, guest.Wasi.ClockTimeGet(guest.View, id, 0, TestGuest.At));
            Assert.True(guest.LongResult >= first);
            Assert.Equal(Errno.Success, guest.Wasi.ClockResGet(guest.View, id, TestGuest.At));
            Assert.True(guest.LongResult > 0);
        }

        Assert.Equal(Errno.Inval, guest.Wasi.ClockTimeGet(guest.View, 4, 0, TestGuest.At));
        Assert.Equal(Errno.Inval, guest.Wasi.ClockResGet(guest.View, 4, TestGuest.At));
    }

    [Fact]
    public void FixedClockStandsStillUntilTheProgramWaits()
    {
        using TestGuest guest = new(grants: grant =>
            Assert.True(grant.TryAddFlag("clock", "fixed=1970-01-02T00:00:00Z", out _)));
        const ulong Day = 86_400_000_000_000;
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(Errno.Success, guest.Wasi.ClockTimeGet(guest.View, 0, 0, TestGuest.At));
            Assert.Equal(Day, guest.LongResult);
        }

        PollTests.PutClock(guest, 0, 7, ClockId.Monotonic, 3_600_000_000_000);
        Assert.Equal(Errno.Success, TestGuest.AtOnce(
            guest.Wasi.PollOneoff(guest.Call, PollTests.Subscriptions, PollTests.Events, 1, TestGuest.At)));
        Assert.Equal(Errno.Success, guest.Wasi.ClockTimeGet(guest.View, 0, 0, TestGuest.At));
        Assert.Equal(Day + 3_600_000_000_000, guest.LongResult);
    }

    [Fact]
    public void SeedGivesTheSameNumbersAndOtherSeedsOthers()
    {
        Assert.Equal(Drawn("seeded=42"), Drawn("seeded=42"));
        Assert.NotEqual(Drawn("seeded=42"), Drawn("seeded=43"));
        Assert.NotEqual(Drawn("real"), Drawn("real"));
        Assert.Equal("E220A8397B1DCDAF", Drawn("seeded=0")[..16].BytesReversed());   // the first number of SplitMix64 from zero
    }

    [Fact]
    public async Task ManyRandomBytesCanBeInterrupted()
    {
        using TestGuest guest = new();
        Assert.Equal(Errno.Success, await guest.Wasi.RandomGet(guest.Call, 0, 2_000_000));
        Assert.NotEqual(0L, BitConverter.ToInt64(guest.Memory[1_999_992..]));
        GuestCall stopped = guest.Call with { Token = new CancellationToken(true) };
        await Assert.ThrowsAsync<OperationCanceledException>(async () =>
            await guest.Wasi.RandomGet(stopped, 0, 2_000_000));
        Assert.Equal(Errno.Fault, TestGuest.AtOnce(guest.Wasi.RandomGet(guest.Call, 1, uint.MaxValue)));
    }

    [Theory]
    [InlineData(6u, 134u)]
    [InlineData(9u, 137u)]
    public void FatalSignalEndsTheProgram(uint signal, uint code)
    {
        using TestGuest guest = new();
        WasiExitException exit = Assert.Throws<WasiExitException>(() => { guest.Wasi.ProcRaise(guest.View, signal); });
        Assert.Equal(code, exit.Code);
        Assert.Equal(Errno.Success, guest.Wasi.ProcRaise(guest.View, 0));
        Assert.Equal(Errno.Inval, guest.Wasi.ProcRaise(guest.View, 31));
    }

    [Fact]
    public void MissingDirectoryIsNamedWithTheReason()
    {
        Grant grant = new GrantBuilder().AddDirectory("/nowhere/at/all", "/").Build();
        IOException error = Assert.Throws<IOException>(() =>
            new WasiContextBuilder(new PermissionGate(grant, "x")).Build());
        Assert.Equal("--dir /nowhere/at/all::/:ro: cannot open \"/nowhere/at/all\": No such file or directory",
            error.Message);
    }

    private static string Drawn(string flag)
    {
        using TestGuest guest = new(grants: grant => Assert.True(grant.TryAddFlag("random", flag, out _)));
        Assert.Equal(Errno.Success, TestGuest.AtOnce(guest.Wasi.RandomGet(guest.Call, 512, 99)));
        Assert.Equal(0, guest.Memory[512 + 99]);
        return Convert.ToHexString(guest.Memory.Slice(512, 99));
    }
}

internal static class HexText
{
    /// <summary>The bytes of a hexadecimal number from the last to the first.</summary>
    public static string BytesReversed(this string hex) =>
        string.Concat(hex.Chunk(2).Reverse().Select(pair => new string(pair)));
}
