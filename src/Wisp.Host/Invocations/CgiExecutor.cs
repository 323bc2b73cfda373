using Wisp.Host.Telemetry;

namespace Wisp.Host.Invocations;

/// <summary>Runs a WASI command for each request by the CGI contract of RFC 3875, and as it is for each tick.</summary>
/// <param name="program">The program.</param>
/// <param name="limits">What an invocation may use.</param>
/// <param name="log">Takes what programs write to their standard error, and why they failed.</param>
/// <param name="owned">Disposed with the executor: the module, when nobody else has it.</param>
/// <param name="pool">Instances that wait for requests, disposed with the executor; null where each request has a fresh one.</param>
internal sealed class CgiExecutor(FunctionProgram program, ComponentLimits limits, IInvocationSink log, IDisposable? owned, InstancePool? pool = null)
    : IExecutor
{
    /// <summary>Whether the program gets WAGI's variables besides CGI's.</summary>
    public bool HasWagiVariables { get; init; }

    public async Task<InvocationOutcome> ServeAsync(RoutedRequest request, CancellationToken shutdown)
    {
        using var invocation = new HttpInvocation(request, program, limits, log, pool) { HasWagiVariables = HasWagiVariables };
        return await invocation.RunAsync(shutdown).ConfigureAwait(false);
    }

    public Task<CronOutcome> TickAsync(CronTick tick, CancellationToken shutdown) =>
        new CronInvocation(tick, program, limits, log, pool).RunAsync(shutdown);

    public void Dispose()
    {
        pool?.Dispose();
        owned?.Dispose();
    }
}
