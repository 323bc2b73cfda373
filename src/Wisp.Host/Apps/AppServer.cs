using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Wisp.Host.Cgi;
using Wisp.Host.Cron;
using Wisp.Host.Invocations;
using Wisp.Host.Routing;
using Wisp.Host.Telemetry;

namespace Wisp.Host.Apps;

// What a request meets, in this order:
//
//   CONNECT                           501
//   path has no route                 404     body longer than the component takes     413 (see HttpInvocation)
//   route does not take the method    405     no place, and the queue is full          503 with Retry-After
//   route has an answer of its own    it      else                                     what the executor makes of it
//
// A server of many apps puts the choice of a slot by host name in front of the routes; the rest is the same.

/// <summary>Puts an app behind HTTP and runs its cron triggers. Thread safe.</summary>
internal sealed class AppServer : IAsyncDisposable
{
    private readonly AppSlot _slot;
    private readonly FunctionServerOptions _options;
    private readonly IInvocationSink _log;
    private readonly KestrelListener _listener;
    private readonly TimeProvider _clock;
    private readonly bool _runsCron;
    private readonly CancellationTokenSource _cut = new();
    private readonly Lock _swapping = new();
    private readonly List<Task> _schedules = [];   // of this app and of those before it whose runs have not ended
    private CronScheduler? _scheduler;
    private long _invocations;
    private int _running;

    /// <summary>Makes a server; it does not listen yet.</summary>
    /// <param name="app">The app; the server gives it up at the end.</param>
    /// <param name="options">Where to listen, and how long to wait at the end.</param>
    /// <param name="log">Takes one line for each invocation.</param>
    /// <param name="transport">Where connections come from; null for sockets.</param>
    /// <param name="clock">Tells cron triggers the time; null for the machine's.</param>
    /// <param name="runsCron">Whether cron triggers run.</param>
    public AppServer(
        App app, FunctionServerOptions options, IInvocationSink log, IConnectionSource? transport = null, TimeProvider? clock = null,
        bool runsCron = true)
    {
        _slot = new AppSlot(app);
        _options = options;
        _log = log;
        _clock = clock ?? TimeProvider.System;
        _runsCron = runsCron;
        _listener = new KestrelListener(options.Listen, ServeAsync, transport);
    }

    /// <summary>Where it listens, as URLs with the port that was taken. Empty before the start.</summary>
    public IReadOnlyCollection<string> Addresses => _listener.Addresses;

    /// <summary>Requests that run or wait for their turn.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>Starts to listen, and the cron triggers.</summary>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        await _listener.StartAsync(cancellationToken).ConfigureAwait(false);
        lock (_swapping)
        {
            StartScheduler();
        }
    }

    /// <summary>Puts another app in the place of the one that answers; no request is lost or answered by half of each.</summary>
    public void Swap(App next)
    {
        lock (_swapping)
        {
            StopScheduler();
            _slot.Swap(next);
            StartScheduler();
        }
    }

    /// <summary>Accepts no more requests and waits for what runs, at most the options' time; what then still runs is stopped.</summary>
    public async Task StopAsync()
    {
        lock (_swapping)
        {
            StopScheduler();
        }

        // The programs are stopped a moment before the connections are cut, so that their clients still get an answer.
        _cut.CancelAfter(_options.ShutdownTimeout);
        using var connections = new CancellationTokenSource(_options.ShutdownTimeout + TimeSpan.FromSeconds(1));
        await _listener.StopAsync(connections.Token).ConfigureAwait(false);
        await Task.WhenAll(_schedules).ConfigureAwait(false);
        _log.Flush();
    }

    /// <summary>Releases the listener and the app. Stop first.</summary>
    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync().ConfigureAwait(false);
        _slot.Release();
        _cut.Dispose();
    }

    private void StartScheduler()
    {
        _schedules.RemoveAll(schedule => schedule.IsCompleted);
        if (!_runsCron)
        {
            return;
        }

        App app = _slot.Take();
        _scheduler = new CronScheduler(app.Cron, _clock, TickAsync, _log);
        _schedules.Add(EndAsync(_scheduler.RunAsync(), app));

        static async Task EndAsync(Task schedule, App app)
        {
            await schedule.ConfigureAwait(false);
            app.ReleaseUse();
        }
    }

    private void StopScheduler()
    {
        _scheduler?.Dispose();
        _scheduler = null;
    }

    private async Task ServeAsync(HttpContext context)
    {
        long started = Stopwatch.GetTimestamp();
        DateTimeOffset time = DateTimeOffset.UtcNow;
        long number = Interlocked.Increment(ref _invocations);
        Interlocked.Increment(ref _running);
        var outcome = default(InvocationOutcome);
        App app = _slot.Take();
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
                    : await AnswerAsync(context, target.Answer!).ConfigureAwait(false);
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
            _log.Completed(new InvocationRecord
            {
                Number = number,
                Started = time,
                Origin = origin,
                Method = context.Request.Method,
                Target = CgiEnvironment.RawTarget(context),
                Status = outcome.Status,
                Wall = Stopwatch.GetElapsedTime(started),
                Figures = outcome.Figures,
                Limit = outcome.Limit,
                Failure = outcome.Failure,
            });
        }
    }

    private async Task<InvocationOutcome> InvokeAsync(AppComponent component, RoutedRequest request)
    {
        if (!component.Admission.TryEnter() && !await WaitForTurnAsync(component, request.Context).ConfigureAwait(false))
        {
            return await RefuseAsync(request.Context).ConfigureAwait(false);
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

    private async Task TickAsync(AppCron cron, DateTimeOffset time)
    {
        long started = Stopwatch.GetTimestamp();
        DateTimeOffset begin = DateTimeOffset.UtcNow;
        var tick = new CronTick(cron.Schedule.Text, time, new InvocationId(cron.Origin, Interlocked.Increment(ref _invocations)));
        var outcome = new CronOutcome("failed");
        if (!await cron.Component.Admission.EnterAsync(cron.Component.Limits.WallTime, _cut.Token).ConfigureAwait(false))
        {
            Completed(new CronOutcome("skipped", Limit: "concurrency"));
            return;
        }

        try
        {
            outcome = await cron.Component.Executor.TickAsync(tick, _cut.Token).ConfigureAwait(false);
        }
        finally
        {
            cron.Component.Admission.Leave();
            Completed(outcome);
        }

        void Completed(in CronOutcome outcome) => _log.Completed(new InvocationRecord
        {
            Number = tick.Id.Number,
            Started = begin,
            Origin = cron.Origin,
            Result = outcome.Result,
            Wall = Stopwatch.GetElapsedTime(started),
            Figures = outcome.Figures,
            Limit = outcome.Limit,
            Failure = outcome.Failure,
        });
    }

    private static async Task<InvocationOutcome> AnswerAsync(HttpContext context, StaticAnswer answer)
    {
        try
        {
            await answer.SendAsync(context).ConfigureAwait(false);
            return new InvocationOutcome(answer.Status);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            return new InvocationOutcome(PlainAnswer.ClientClosedRequest);
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

    private static async Task<InvocationOutcome> RefuseAsync(HttpContext context)
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
