using Microsoft.AspNetCore.Server.Kestrel.Core;
using Wisp.Host.Invocations;

namespace Wisp.Host;

// A client can hold a connection in four ways, and each has its bound:
//
//   connects and sends nothing, or keeps the connection after an answer   IdleTime
//   sends a head, and takes its time                                      HeadTime, however often a byte comes
//   sends a body, and takes its time                                      the wall limit of its invocation, which has begun
//   takes its time to read the answer                                     MinAnswerBytesPerSecond, and the wall limit
//
// Kestrel looks at these once a second.

/// <summary>What a client may take of the server before and after its request reaches a function.</summary>
public sealed record ClientLimits
{
    /// <summary>Time for the head of a request, from its first byte on. Default: 10 seconds. Past it the answer is 408.</summary>
    public TimeSpan HeadTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a connection may be open without a request. Default: 60 seconds.</summary>
    public TimeSpan IdleTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Connections at once. Default: 20,000. Those past it are closed.</summary>
    public int MaxConnections { get; init; } = 20_000;

    /// <summary>
    /// How fast a client must take what waits to be sent. Default: 1,000 bytes a second, after <see cref="AnswerGrace"/>. Slower ones
    /// are cut off; one that takes nothing at all after about a minute. Time in which nothing waits does not count, so answers may
    /// take as long as their function does.
    /// </summary>
    public double MinAnswerBytesPerSecond { get; init; } = 1_000;

    /// <summary>How long a client may take nothing. Default: 5 seconds; more than one.</summary>
    public TimeSpan AnswerGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Bytes of the request line. Default: 8 KiB (8,192). Past it the answer is 414.</summary>
    public int MaxRequestLineBytes { get; init; } = 8 * 1024;

    /// <summary>Bytes of all headers. Default: 32 KiB (32,768). Past it the answer is 431.</summary>
    public int MaxHeadersBytes { get; init; } = 32 * 1024;

    /// <summary>Headers. Default: 100. Past it the answer is 431.</summary>
    public int MaxHeaders { get; init; } = 100;

    internal void ApplyTo(KestrelServerOptions kestrel)
    {
        KestrelServerLimits limits = kestrel.Limits;
        limits.RequestHeadersTimeout = HeadTime;
        limits.KeepAliveTimeout = IdleTime;
        limits.MaxConcurrentConnections = MaxConnections;
        limits.MaxRequestLineSize = MaxRequestLineBytes;
        limits.MaxRequestHeadersTotalSize = MaxHeadersBytes;
        limits.MaxRequestHeaderCount = MaxHeaders;
        limits.MinResponseDataRate = new MinDataRate(MinAnswerBytesPerSecond, AnswerGrace);

        // A client that sends its body slowly is met by the wall limit of the request, which the guest sees as well.
        limits.MinRequestBodyDataRate = null;

        // Each component has a limit of its own; see LimitBody. This one is for bodies that nobody reads: up to it they are read over, so
        // that the client, which still sends, gets to see its answer; past it the connection is closed.
        limits.MaxRequestBodySize = ComponentLimits.DefaultRequestBytes;
        kestrel.RequestHeaderEncodingSelector = DigitsEncoding.Select;
    }
}
