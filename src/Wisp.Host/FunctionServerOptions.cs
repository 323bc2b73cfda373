using System.Net;
using Wisp.Host.Cgi;
using Wisp.Host.Invocations;

namespace Wisp.Host;

/// <summary>Settings of a <see cref="FunctionServer"/>, read once when it is made.</summary>
public sealed class FunctionServerOptions
{
    /// <summary>Where to listen. Default: 127.0.0.1:8080. Port 0 takes a free one.</summary>
    public IPEndPoint Listen { get; set; } = new(IPAddress.Loopback, 8080);

    /// <summary>Certificate and key for TLS, read again when the files change. Default: null, no TLS.</summary>
    public TlsFiles? Tls { get; set; }

    /// <summary>Requests that run at once. Default: 1,000. Past it the answer is 503 with <c>Retry-After</c>.</summary>
    public int MaxConcurrent { get; set; } = 1000;

    /// <summary>Bytes of a request's body. Default: 30,000,000. Past it the answer is 413.</summary>
    public long MaxRequestBodyBytes { get; set; } = 30_000_000;

    /// <summary>Bytes of the headers that a program may answer with. Default: 64 KiB (65,536). Past it the answer is 502.</summary>
    public int MaxResponseHeadBytes { get; set; } = CgiResponseHead.DefaultMaxBytes;

    /// <summary>Bytes of the body that a program may answer with. Default: null, no limit. Past it the connection is cut.</summary>
    public long? MaxResponseBodyBytes { get; set; }

    /// <summary>How long a request may take. Default: 30 seconds. Past it the answer is 504. Null: no limit.</summary>
    public TimeSpan? WallTime { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>What the instance of one request may use, processor time among it. Past that time the answer is 504.</summary>
    public StoreLimits Limits { get; set; } = new();

    /// <summary>
    /// How long a request computes before it takes turns with others that compute, unless <see cref="Limits"/> say it. Default: 10 ms.
    /// So requests that compute for seconds do not keep quick ones waiting.
    /// </summary>
    public TimeSpan TimeSlice { get; set; } = TimeSpan.FromMilliseconds(10);

    /// <summary>What a client may take of the server besides its requests' own limits.</summary>
    public ClientLimits Clients { get; set; } = new();

    /// <summary>How long running requests may go on after a stop was asked for. Default: 30 seconds.</summary>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>What concerns the program and not the server. Without a queue: who asks in vain is told at once.</summary>
    internal ComponentLimits ToComponentLimits() => new()
    {
        Concurrency = MaxConcurrent,
        Queue = 0,
        RequestBytes = MaxRequestBodyBytes,
        ResponseHeadBytes = MaxResponseHeadBytes,
        ResponseBytes = MaxResponseBodyBytes,
        WallTime = WallTime,
        Store = Limits with { TimeSlice = Limits.TimeSlice ?? TimeSlice },
    };
}
