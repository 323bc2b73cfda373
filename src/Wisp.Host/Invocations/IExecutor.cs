using Microsoft.AspNetCore.Http;
using Wisp.Host.Routing;
using Wisp.Host.Telemetry;

namespace Wisp.Host.Invocations;

/// <summary>A request on its way to a component.</summary>
/// <param name="Context">The request and its answer.</param>
/// <param name="Match">What its route made of the path.</param>
/// <param name="Id">The invocation that it is.</param>
internal readonly record struct RoutedRequest(HttpContext Context, RouteMatch Match, InvocationId Id);

/// <summary>A tick of a cron trigger on its way to a component.</summary>
/// <param name="Schedule">The trigger's schedule.</param>
/// <param name="Time">When the tick was due.</param>
/// <param name="Id">The invocation that it is.</param>
internal readonly record struct CronTick(string Schedule, DateTimeOffset Time, InvocationId Id);

/// <summary>Knows how a component's program is asked: by CGI, or for WebAssembly components by <c>wasi:http</c>.</summary>
/// <remarks>Thread safe: invocations share it, instances they do not. It answers each request, also the one that fails.</remarks>
internal interface IExecutor : IDisposable
{
    /// <summary>Answers a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="shutdown">Stops the program.</param>
    Task<InvocationOutcome> ServeAsync(RoutedRequest request, CancellationToken shutdown);

    /// <summary>Runs the program for a tick.</summary>
    /// <param name="tick">The tick.</param>
    /// <param name="shutdown">Stops the program.</param>
    Task<CronOutcome> TickAsync(CronTick tick, CancellationToken shutdown);
}
