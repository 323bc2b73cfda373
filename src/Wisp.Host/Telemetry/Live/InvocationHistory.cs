using System.Collections.Concurrent;

namespace Wisp.Host.Telemetry.Live;

/// <summary>The latest invocations of each app, and the latest of those that say something is wrong: they would else be gone in no time.
/// Thread safe.</summary>
internal sealed class InvocationHistory : IInvocationSink
{
    /// <summary>Invocations that are kept of an app.</summary>
    public const int MaxRecords = 100;

    /// <summary>Invocations that failed or were denied something, beside them.</summary>
    public const int MaxNotable = 50;

    // What a client or a program can make long.
    private const int MaxTargetLength = 512;
    private const int MaxFailureLength = 8192;

    private readonly ConcurrentDictionary<string, Rings> _apps = new();

    public void Completed(InvocationRecord record)
    {
        if (record.App is string app)
        {
            _apps.GetOrAdd(app, static _ => new Rings()).Add(Shortened(record));
        }
    }

    /// <summary>The latest invocations of an app, the newest first.</summary>
    /// <param name="app">The app.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="failed">Only those that failed or were denied something.</param>
    public IReadOnlyList<InvocationRecord> Latest(string app, int limit, bool failed) =>
        _apps.TryGetValue(app, out Rings? rings) ? rings.Latest(limit, failed) : [];

    public void Forget(string app) => _apps.TryRemove(app, out _);

    private static InvocationRecord Shortened(InvocationRecord record)
    {
        bool isShort = !(record.Target?.Length > MaxTargetLength) && !(record.Failure?.Length > MaxFailureLength);
        return isShort ? record : record with { Target = Cut(record.Target, MaxTargetLength), Failure = Cut(record.Failure, MaxFailureLength) };
    }

    private static string? Cut(string? text, int length) => text?.Length > length ? text[..length] + "…" : text;

    private sealed class Rings
    {
        private readonly Lock _lock = new();
        private readonly Queue<InvocationRecord> _all = new();
        private readonly Queue<InvocationRecord> _notable = new();

        public void Add(InvocationRecord record)
        {
            lock (_lock)
            {
                Add(_all, record, MaxRecords);
                if (record.IsFailed || record.DeniedCount > 0)
                {
                    Add(_notable, record, MaxNotable);
                }
            }
        }

        public IReadOnlyList<InvocationRecord> Latest(int limit, bool failed)
        {
            lock (_lock)
            {
                return [.. (failed ? _notable : _notable.Union(_all)).OrderByDescending(record => record.Number).Take(limit)];
            }
        }

        private static void Add(Queue<InvocationRecord> ring, InvocationRecord record, int most)
        {
            if (ring.Count == most)
            {
                ring.Dequeue();
            }

            ring.Enqueue(record);
        }
    }
}
