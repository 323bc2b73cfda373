using System.Diagnostics;

namespace Wisp.Bench.Load;

/// <summary>Asks several apps for a time, in several requests at once, and looks at every answer.</summary>
internal sealed class LoadRun : IDisposable
{
    private readonly Uri _server;
    private readonly HttpClient _client = new(new SocketsHttpHandler { MaxConnectionsPerServer = 256, AllowAutoRedirect = false })
    {
        Timeout = TimeSpan.FromSeconds(120),
    };

    private readonly Dictionary<string, long> _counts = LoadKinds.All.ToDictionary(kind => kind.Name, _ => 0L);
    private readonly List<string> _lost = [];
    private readonly Lock _lock = new();
    private readonly List<LoadKind> _wheel = [.. LoadKinds.All.SelectMany(kind => Enumerable.Repeat(kind, kind.Weight))];

    /// <param name="server">Where all apps answer, each by its name.</param>
    public LoadRun(Uri server) => _server = server;

    /// <summary>Requests of each kind that were answered as they must be.</summary>
    public IReadOnlyDictionary<string, long> Counts => _counts;

    /// <summary>What went wrong, a line each.</summary>
    public IReadOnlyList<string> Lost => _lost;

    public long Answered
    {
        get
        {
            lock (_lock)
            {
                return _counts.Values.Sum();
            }
        }
    }

    public void Dispose() => _client.Dispose();

    /// <summary>Asks until the time is up; what is asked then is waited for.</summary>
    /// <param name="clients">Requests at once.</param>
    /// <param name="perSecond">How many a second all together, at most; zero as fast as they are answered.</param>
    /// <param name="end">When to ask no more.</param>
    public Task AskAsync(int clients, double perSecond, CancellationToken end) => Task.WhenAll(Enumerable.Range(0, clients)
        .Select(seed => Task.Run(() => AskOneByOneAsync(new Random(seed), perSecond == 0 ? 0 : clients / perSecond, end), CancellationToken.None)));

    private async Task AskOneByOneAsync(Random random, double secondsEach, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            long started = Stopwatch.GetTimestamp();
            LoadKind kind = _wheel[random.Next(_wheel.Count)];
            string? fault = await FaultAsync(kind.Make(random)).ConfigureAwait(false);
            lock (_lock)
            {
                _counts[kind.Name] += fault is null ? 1 : 0;
                if (fault is not null)
                {
                    _lost.Add($"{DateTime.UtcNow:HH:mm:ss} {kind.Name}: {fault}");
                }
            }

            double rest = secondsEach * (0.5 + random.NextDouble()) - Stopwatch.GetElapsedTime(started).TotalSeconds;
            if (rest > 0)
            {
                await Task.Delay(TimeSpan.FromSeconds(rest), CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    /// <summary>What is wrong with the answer, or null.</summary>
    private async Task<string?> FaultAsync(LoadRequest request)
    {
        try
        {
            using var message = new HttpRequestMessage(new HttpMethod(request.Method), new Uri(_server, request.Path));
            message.Headers.Host = $"{request.App}.localhost";
            message.Content = request.Body is null ? null : new ByteArrayContent(request.Body);
            using HttpResponseMessage response = await _client.SendAsync(message).ConfigureAwait(false);
            byte[] body = await response.Content.ReadAsByteArrayAsync().ConfigureAwait(false);
            if ((int)response.StatusCode != request.Status)
            {
                return $"status {(int)response.StatusCode} instead of {request.Status}: {System.Text.Encoding.UTF8.GetString(body).Trim()}";
            }

            return request.Answer is null || body.AsSpan().SequenceEqual(request.Answer) ? null : $"another body, of {body.Length} bytes";
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
        {
            return exception.Message;
        }
    }
}
