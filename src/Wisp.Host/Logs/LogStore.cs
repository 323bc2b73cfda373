using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Wisp.Host.Manifests;
using Wisp.Host.Telemetry;

namespace Wisp.Host.Logs;

/// <summary>Keeps what programs write and what the host says about them, for each app of a server. Thread safe.</summary>
/// <remarks>A sink: what it is told is on the disk a moment later. Programs that are served by themselves have no app and are not kept.</remarks>
internal sealed class LogStore : IInvocationSink, IThreadPoolWorkItem, IDisposable
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan DropInterval = TimeSpan.FromSeconds(1);

    private readonly string _folder;
    private readonly Action<string>? _failed;
    private readonly ConcurrentDictionary<string, AppLog> _apps = new();
    private readonly ConcurrentQueue<AppLog> _dirty = new();
    private readonly ITimer _sweep;
    private long _pendingBytes;
    private int _isScheduled;

    /// <summary>Opens a store.</summary>
    /// <param name="folder">Its folder; made with the first line.</param>
    /// <param name="options">How much is kept.</param>
    /// <param name="clock">Tells the time; null for the machine's.</param>
    /// <param name="failed">Told why lines could not be written.</param>
    public LogStore(string folder, LogOptions? options = null, TimeProvider? clock = null, Action<string>? failed = null)
    {
        _folder = folder;
        _failed = failed;
        Options = options ?? new LogOptions();
        Clock = clock ?? TimeProvider.System;
        _sweep = Clock.CreateTimer(_ => Sweep(), null, SweepInterval, SweepInterval);
    }

    public LogOptions Options { get; }

    public TimeProvider Clock { get; }

    /// <summary>Reads the log of an app, the oldest line first; an app of which nothing is kept has no lines.</summary>
    public IAsyncEnumerable<LogLine> ReadAsync(string app, LogQuery query, CancellationToken cancellationToken) =>
        Find(app).ReadAsync(query, cancellationToken);

    /// <summary>Lines of an app that were dropped since the start.</summary>
    public long DroppedOf(string app) => _apps.TryGetValue(app, out AppLog? log) ? log.Dropped : 0;

    /// <summary>Lines of all apps that were dropped since the start.</summary>
    public IReadOnlyList<(string App, long Lines)> DroppedLines() => [.. _apps.Where(pair => pair.Value.Dropped > 0)
        .Select(pair => (pair.Key, pair.Value.Dropped)).OrderBy(pair => pair.Key, StringComparer.Ordinal)];

    /// <summary>Removes all that is kept of an app.</summary>
    public void Delete(string app)
    {
        Find(app).Delete();
        _apps.TryRemove(app, out _);
    }

    /// <summary>Every failure and every tick is a line. Of requests that came out well only the first of each second are: at thousands a
    /// second nothing else could be found between them.</summary>
    public void Completed(InvocationRecord record)
    {
        if (record.IsFailed || record.Trigger == InvocationOrigin.Cron)
        {
            Add(record.Origin, record.Number, LogLine.Host, InvocationText.Of(record));
        }
        else if (record.Origin.App is string app && Find(app).Requests.TryTake(out long leftOut))
        {
            if (leftOut > 0)
            {
                Add(new InvocationOrigin(app), null, LogLine.Host, string.Create(CultureInfo.InvariantCulture, $"{leftOut} more requests came out well"));
            }

            Add(record.Origin, record.Number, LogLine.Host, InvocationText.Of(record));
        }
    }

    public void GuestLine(in InvocationId invocation, string stream, ReadOnlySpan<byte> line) =>
        Add(invocation.Origin, invocation.Number, stream, Encoding.UTF8.GetString(line));

    public void Note(in InvocationId invocation, string text) => Add(invocation.Origin, invocation.Number, LogLine.Host, text);

    public void Event(InvocationOrigin origin, string text) => Add(origin, null, LogLine.Host, text);

    public void Flush()
    {
        foreach (AppLog log in _apps.Values)
        {
            log.WritePending();
        }
    }

    /// <summary>Writes what waits. What is added afterwards is dropped, and who follows a log comes to its end.</summary>
    public void Dispose()
    {
        _sweep.Dispose();
        Flush();
        foreach (AppLog log in _apps.Values)
        {
            log.Dispose();
        }
    }

    /// <summary>Has a log written soon: one at a time, however many apps there are.</summary>
    public void Schedule(AppLog log)
    {
        _dirty.Enqueue(log);
        if (Interlocked.Exchange(ref _isScheduled, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>Has a log written that drops lines: how many is said once for a while.</summary>
    public void ScheduleLater(AppLog log) => _ = ScheduleLaterAsync(log);

    void IThreadPoolWorkItem.Execute()
    {
        do
        {
            while (_dirty.TryDequeue(out AppLog? log))
            {
                log.WritePending();
            }

            Interlocked.Exchange(ref _isScheduled, 0);
        }
        while (!_dirty.IsEmpty && Interlocked.Exchange(ref _isScheduled, 1) == 0);
    }

    /// <summary>Takes room in memory for a line.</summary>
    public bool TryReserve(long bytes)
    {
        if (Interlocked.Add(ref _pendingBytes, bytes) <= Options.MaxTotalPendingBytes)
        {
            return true;
        }

        Return(bytes);
        return false;
    }

    public void Return(long bytes) => Interlocked.Add(ref _pendingBytes, -bytes);

    public void Report(string failure) => _failed?.Invoke(failure);

    /// <summary>Gives up what is too old, also of apps that have been quiet.</summary>
    public void Sweep()
    {
        try
        {
            if (Directory.Exists(_folder))
            {
                foreach (string folder in Directory.EnumerateDirectories(_folder))
                {
                    string app = Path.GetFileName(folder);
                    if (TextTypes.AppName.Check!(app) is null)
                    {
                        Find(app).Retain();
                    }
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Report(exception.Message);
        }
    }

    private async Task ScheduleLaterAsync(AppLog log)
    {
        await Task.Delay(DropInterval, Clock).ConfigureAwait(false);
        Schedule(log);
    }

    private void Add(InvocationOrigin origin, long? invocation, string stream, string text)
    {
        if (origin.App is string app)
        {
            Find(app).Add(new LogLine
            {
                Sequence = 0,
                Time = Clock.GetUtcNow(),
                Version = origin.Version,
                Component = origin.Component,
                Invocation = invocation,
                Stream = stream,
                Text = text,
            });
        }
    }

    private AppLog Find(string app) => _apps.TryGetValue(app, out AppLog? log) ? log : Make(app);

    private AppLog Make(string app) => TextTypes.AppName.Check!(app) is string fault
        ? throw new ArgumentException(fault, nameof(app))
        : _apps.GetOrAdd(app, name => new AppLog(Path.Combine(_folder, name), this));
}
