using Wisp.Permissions;
using Wisp.Wasi.Platform.Linux;

namespace Wisp.Wasi.Preview1;

/// <summary>The time that a guest sees.</summary>
/// <remarks>
/// Real: the clocks of the machine. The two processor clocks give the time since the guest started: what the process
/// spent would tell a guest about others. Fixed: all clocks stand still, and waiting moves them on without waiting.
/// </remarks>
internal sealed class GuestClock
{
    private const ulong FixedResolution = 1;

    private readonly bool _fixed;
    private readonly ulong _start;
    private ulong _realtime;
    private ulong _passed;

    public GuestClock(ClockGrant grant)
    {
        if (grant.FixedAt is { } instant)
        {
            _fixed = true;
            _realtime = (ulong)(instant.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) * 100;
        }
        else
        {
            _start = HostClock.Now((int)ClockId.Monotonic);
        }
    }

    /// <summary>Whether waiting takes no time.</summary>
    public bool IsFixed => _fixed;

    /// <summary>Nanoseconds: since 1970 for the real-time clock, since some start for the others.</summary>
    public ulong Now(ClockId clock)
    {
        if (_fixed)
        {
            return clock == ClockId.Realtime ? _realtime + _passed : _passed;
        }

        return clock switch
        {
            ClockId.Realtime or ClockId.Monotonic => HostClock.Now((int)clock),
            _ => HostClock.Now((int)ClockId.Monotonic) - _start,
        };
    }

    /// <summary>Nanoseconds from one tick to the next.</summary>
    public ulong Resolution(ClockId clock) => _fixed
        ? FixedResolution
        : HostClock.Resolution((int)(clock == ClockId.Realtime ? ClockId.Realtime : ClockId.Monotonic));

    /// <summary>Moves a fixed clock on.</summary>
    public void Pass(ulong nanoseconds) => _passed = unchecked(_passed + nanoseconds);
}
