using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Wisp.Host.Telemetry;

// A request's span is a child of the one that its traceparent names. The program gets the span as its own HTTP_TRACEPARENT, so what it
// asks of others is a child of it. Without anybody who listens nothing is made, and the program gets what the client sent.
// https://www.w3.org/TR/trace-context/, https://opentelemetry.io/docs/specs/semconv/http/http-spans/

/// <summary>Spans of invocations, from the source <c>Wisp.Host</c>.</summary>
internal static class HostTracing
{
    public const string SourceName = "Wisp.Host";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Starts the span of a request, when somebody wants it.</summary>
    public static Activity? StartRequest(HttpContext context) => Source.HasListeners() ? Start(context) : null;

    /// <summary>Starts the span of a run for a cron trigger.</summary>
    public static Activity? StartTick() => Source.HasListeners() ? Source.StartActivity("cron", ActivityKind.Internal, default(ActivityContext)) : null;

    /// <summary>Ends a span with what came of the invocation.</summary>
    public static void End(Activity? span, InvocationRecord record)
    {
        if (span is not null)
        {
            Describe(span, record);
            span.Dispose();
        }
    }

    private static Activity? Start(HttpContext context)
    {
        IHeaderDictionary headers = context.Request.Headers;
        ActivityContext.TryParse(headers.TraceParent, headers.TraceState, isRemote: true, out ActivityContext parent);
        Activity? span = Source.StartActivity(MethodOf(context.Request.Method), ActivityKind.Server, parent);
        if (span is not null)
        {
            headers.TraceParent = span.Id;
        }

        return span;
    }

    private static void Describe(Activity span, InvocationRecord record)
    {
        if (!span.IsAllDataRequested)
        {
            return;
        }

        if (record.Trigger == InvocationOrigin.Cron)
        {
            span.DisplayName = $"cron {record.Route}";
            span.SetTag("wisp.result", record.Result);
        }
        else
        {
            string method = MethodOf(record.Method!);
            int query = record.Target!.IndexOf('?', StringComparison.Ordinal);
            span.DisplayName = record.Route is null ? method : $"{method} {record.Route}";
            span.SetTag("http.request.method", method);
            span.SetTag("http.route", record.Route);
            span.SetTag("http.response.status_code", record.Status);
            span.SetTag("url.path", query < 0 ? record.Target : record.Target[..query]);   // a query may hold what nobody should keep
        }

        span.SetTag("wisp.invocation", record.Number);
        span.SetTag("wisp.app", record.App);
        span.SetTag("wisp.version", record.Version == 0 ? null : record.Version);
        span.SetTag("wisp.component", record.Component);
        span.SetTag("wisp.cpu_ms", record.Cpu.TotalMilliseconds);
        span.SetTag("wisp.memory_bytes", record.MemoryBytes);
        span.SetTag("wisp.wake_ms", record.Wake?.TotalMilliseconds);
        span.SetTag("wisp.limit", record.Limit);
        span.SetTag("wisp.denied", record.DeniedCount == 0 ? null : record.DeniedCount);
        if (record.IsFailed)
        {
            span.SetStatus(ActivityStatusCode.Error, record.Failure);
        }
    }

    /// <summary>Clients choose the method, and names of spans must be few.</summary>
    private static string MethodOf(string method) =>
        method is "GET" or "HEAD" or "POST" or "PUT" or "DELETE" or "PATCH" or "OPTIONS" or "TRACE" or "QUERY" ? method : "_OTHER";
}
