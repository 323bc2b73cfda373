using System.Net;
using System.Net.Sockets;

namespace Wisp.Host.Admin;

// Each address has a bucket of failures that it may still make, and there is one for all addresses together. A failure takes one out; time
// puts them back. Whose bucket is empty is turned away before its token is looked at, so that guesses are limited, not only their answers.
//
// 1. A bucket that is full again is forgotten: an address costs memory only while it fails.
// 2. An address that was let in within the last hour is not turned away because of others, or anybody could shut everybody out.
// 3. IPv6 addresses count by their /64, which is what one customer gets.
// 4. The number of buckets is bounded; past the bound strange addresses only have the bucket of all.

/// <summary>Counts failed attempts to authenticate, for each address and in all. Thread safe.</summary>
internal sealed class FailureLimiter(TimeProvider clock)
{
    /// <summary>Failures of one address in a row.</summary>
    public const int PerAddress = 10;

    /// <summary>Failures of all addresses in a row.</summary>
    public const int InAll = 100;

    private const int MaxAddresses = 10_000;
    private static readonly TimeSpan AddressRefill = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan TotalRefill = TimeSpan.FromMilliseconds(600);
    private static readonly TimeSpan KnownFor = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, Bucket> _addresses = [];
    private readonly Dictionary<IPAddress, DateTimeOffset> _known = [];
    private Bucket _total;

    /// <summary>How long an address must wait before it may try, or null when it may now.</summary>
    public TimeSpan? WaitOf(IPAddress? address)
    {
        IPAddress key = KeyOf(address);
        lock (_lock)
        {
            DateTimeOffset now = clock.GetUtcNow();
            if (_addresses.TryGetValue(key, out Bucket bucket) && bucket.WaitAt(now, PerAddress, AddressRefill) is TimeSpan wait)
            {
                return wait;
            }

            bool isKnown = _known.TryGetValue(key, out DateTimeOffset seen) && now - seen < KnownFor;
            return isKnown ? null : _total.WaitAt(now, InAll, TotalRefill);
        }
    }

    /// <summary>Counts a failure.</summary>
    /// <returns>Whether it is worth a line: the first of an address after a while, or the one that shuts it out.</returns>
    public bool Failed(IPAddress? address)
    {
        IPAddress key = KeyOf(address);
        lock (_lock)
        {
            DateTimeOffset now = clock.GetUtcNow();
            _total.Take(now, TotalRefill);
            if (_addresses.Count >= MaxAddresses)
            {
                Forget(now);
            }

            if (!_addresses.TryGetValue(key, out Bucket bucket) && _addresses.Count >= MaxAddresses)
            {
                return false;
            }

            bool isFirst = bucket.IsFullAt(now);
            bucket.Take(now, AddressRefill);
            _addresses[key] = bucket;
            return isFirst || bucket.WaitAt(now, PerAddress, AddressRefill) is not null;
        }
    }

    public void Succeeded(IPAddress? address)
    {
        lock (_lock)
        {
            DateTimeOffset now = clock.GetUtcNow();
            if (_known.Count >= MaxAddresses)
            {
                foreach (IPAddress old in _known.Where(pair => now - pair.Value >= KnownFor).Select(pair => pair.Key).ToArray())
                {
                    _known.Remove(old);
                }
            }

            if (_known.Count < MaxAddresses)
            {
                _known[KeyOf(address)] = now;
            }
        }
    }

    private void Forget(DateTimeOffset now)
    {
        foreach (IPAddress full in _addresses.Where(pair => pair.Value.IsFullAt(now)).Select(pair => pair.Key).ToArray())
        {
            _addresses.Remove(full);
        }
    }

    private static IPAddress KeyOf(IPAddress? address)
    {
        if (address is null)
        {
            return IPAddress.None;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6 || IPAddress.IsLoopback(address))
        {
            return address;
        }

        byte[] bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }

    /// <summary>When the bucket will be full again says how full it is.</summary>
    private struct Bucket
    {
        private DateTimeOffset _fullAt;

        public readonly bool IsFullAt(DateTimeOffset now) => _fullAt <= now;

        public void Take(DateTimeOffset now, TimeSpan refill) => _fullAt = (_fullAt > now ? _fullAt : now) + refill;

        public readonly TimeSpan? WaitAt(DateTimeOffset now, int size, TimeSpan refill)
        {
            TimeSpan over = _fullAt - now - (refill * (size - 1));
            return over > TimeSpan.Zero ? over : null;
        }
    }
}
