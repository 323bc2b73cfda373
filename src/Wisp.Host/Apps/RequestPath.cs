using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Wisp.Host.Cgi;
using Wisp.Host.Invocations;
using Wisp.Host.Routing;
using Wisp.Host.Telemetry;

namespace Wisp.Host.Apps;

// What a request meets once its app is known, in this order:
//
//   CONNECT                           501
//   path has no route                 404     body longer than the component takes     413 (see HttpInvocation)
//   route does not take the method    405     no place, and the queue is full          503 with Retry-After
//   route has an answer of its own    it      else                                     what the executor makes of it
//
// How the app is chosen is what servers differ in: AppServer has one, Hosting.FunctionHost looks at the host name.

/// <summary>The way of requests and ticks through an app to its components, with the record that each leaves. Thread safe.</summary>
/// <param name="log">Takes a record of each invocation.</param>
/// <param name="numbers">Numbers invocations; null starts at 1.</param>
internal sealed class RequestPath(IInvocationSink log, InvocationNumbers? numbers = null) : IDisposable
{
    private readonly InvocationNumbers _numbers = numbers ?? new InvocationNumbers();
    private readonly CancellationTokenSource _cut = new();
    private int _running;

    /// <summary>Requests that run or wait for their turn.</summary>
    public int Running => Volatile.Read(ref _running);

    public IInvocationSink Log => log;

    /// <summary>Stops what still runs after a time.</summary>
    public void CutAfter(TimeSpan time) => _cut.CancelAfter(time);

    public void Dispose() => _cut.Dispose();

    /// <summary>Answers a request.</summary>
    /// <param name="context">The request.</param>
    /// <param name="app">Its app, with a use that this releases.</param>
    public async Task ServeAsync(HttpContext context, App app)
    {
        long started = Stopwatch.GetTimestamp();
        DateTimeOffset time = DateTimeOffset.UtcNow;
        long number = _numbers.Next();
        Activity? span = HostTracing.StartRequest(context);
        Interlocked.Increment(ref _running);
        var outcome = default(InvocationOutcome);
        InvocationOrigin origin = app.Origin;
        try
        {
            if (HttpMethods.IsConnect(context.Request.Method))
            {
                outcome = await PlainAnswer.RefuseAsync(context, StatusCodes.Status501NotImplemented, "this is no proxy").ConfigureAwait(false);
            }
            else if (app.Routes.TryFind(
                context.Request.Path.Value ?? string.Empty, context.Request.Method, out RouteTarget? target, out RouteMatch match,
                out IReadOnlyList<string>? allowed))
            {
                origin = target.Origin;
                outcome = target.Component is AppComponent component
                    ? await InvokeAsync(component, new RoutedRequest(context, match, new InvocationId(origin, number))).ConfigureAwait(false)
                    : await target.Answer!.SendAsync(context).ConfigureAwait(false);
            }
            else
            {
                outcome = await RefuseRouteAsync(context, allowed).ConfigureAwait(false);
            }
        }
        finally
        {
            app.ReleaseUse();
            Interlocked.Decrement(ref _running);
            Completed(context, span, new InvocationId(origin, number), time, Stopwatch.GetElapsedTime(started), outcome);
        }
    }

    /// <summary>Answers a request that has no app.</summary>
    public async Task RefuseAsync(HttpContext context, int status, string text)
    {
        long started = Stopwatch.GetTimestamp();
        DateTimeOffset time = DateTimeOffset.UtcNow;
        long number = _numbers.Next();
        Activity? span = HostTracing.StartRequest(context);
        InvocationOutcome outcome = await PlainAnswer.RefuseAsync(context, status, text).ConfigureAwait(false);
        Completed(context, span, new InvocationId(InvocationOrigin.None, number), time, Stopwatch.GetElapsedTime(started), outcome);
    }

    private void Completed(
        HttpContext context, Activity? span, InvocationId id, DateTimeOffset started, TimeSpan wall, in InvocationOutcome outcome)
    {
        var record = new InvocationRecord
        {
            Number = id.Number,
            Started = started,
            Origin = id.Origin,
            Method = context.Request.Method,
            Target = CgiEnvironment.RawTarget(context),
            Status = outcome.Status,
            Wall = wall,
            Figures = outcome.Figures,
            Limit = outcome.Limit,
            Failure = outcome.Failure,
        };
        log.Completed(record);
        HostTracing.End(span, record);
    }

    private async Task<InvocationOutcome> InvokeAsync(AppComponent component, RoutedRequest request)
    {
        if (!component.Admission.TryEnter() && !await WaitForTurnAsync(component, request.Context).ConfigureAwait(false))
        {
            return await RefuseTurnAsync(request.Context).ConfigureAwait(false);
        }

        try
        {
            KestrelListener.LimitBody(request.Context, component.Limits.RequestBytes);
            return await component.Executor.ServeAsync(request, _cut.Token).ConfigureAwait(false);
        }
        finally
        {
            component.Admission.Leave();
        }
    }

    private async ValueTask<bool> WaitForTurnAsync(AppComponent component, HttpContext context)
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(_cut.Token, context.RequestAborted);
        return await component.Admission.EnterAsync(component.Limits.WallTime, gone.Token).ConfigureAwait(false);
    }

    /// <summary>Runs a component for a tick of its cron trigger.</summary>
    public async Task TickAsync(AppCron cron, DateTimeOffset time)
    {
        long started = Stopwatch.GetTimestamp();
        DateTimeOffset begin = DateTimeOffset.UtcNow;
        var tick = new CronTick(cron.Schedule.Text, time, new InvocationId(cron.Origin, _numbers.Next()));
        var outcome = new CronOutcome("failed");
        if (!await cron.Component.Admission.EnterAsync(cron.Component.Limits.WallTime, _cut.Token).ConfigureAwait(false))
        {
            Completed(new CronOutcome("skipped", Limit: "concurrency"), null);
            return;
        }

        Activity? span = HostTracing.StartTick();
        try
        {
            outcome = await cron.Component.Executor.TickAsync(tick, _cut.Token).ConfigureAwait(false);
        }
        finally
        {
            cron.Component.Admission.Leave();
            Completed(outcome, span);
        }

        void Completed(in CronOutcome outcome, Activity? span)
        {
            var record = new InvocationRecord
            {
                Number = tick.Id.Number,
                Started = begin,
                Origin = cron.Origin,
                Result = outcome.Result,
                Wall = Stopwatch.GetElapsedTime(started),
                Figures = outcome.Figures,
                Limit = outcome.Limit,
                Failure = outcome.Failure,
            };
            log.Completed(record);
            HostTracing.End(span, record);
        }
    }

    private static Task<InvocationOutcome> RefuseRouteAsync(HttpContext context, IReadOnlyList<string>? allowed)
    {
        if (allowed is null)
        {
            return PlainAnswer.RefuseAsync(context, StatusCodes.Status404NotFound, "there is no such route");
        }

        context.Response.Headers.Allow = string.Join(", ", allowed);
        return PlainAnswer.RefuseAsync(context, StatusCodes.Status405MethodNotAllowed, "the route does not take this method");
    }

    private static async Task<InvocationOutcome> RefuseTurnAsync(HttpContext context)
    {
        if (context.RequestAborted.IsCancellationRequested)
        {
            return new InvocationOutcome(PlainAnswer.ClientClosedRequest);
        }

        context.Response.Headers.RetryAfter = "1";
        InvocationOutcome outcome = await PlainAnswer.RefuseAsync(
            context, StatusCodes.Status503ServiceUnavailable, "too many requests at once").ConfigureAwait(false);
        return outcome with { Limit = "concurrency" };
    }
}
