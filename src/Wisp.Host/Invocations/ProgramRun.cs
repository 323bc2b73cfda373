using System.Diagnostics;
using Wisp.Host.Telemetry;
using Wisp.Wasi;

namespace Wisp.Host.Invocations;

/// <summary>One run of a program from its start to its end: in an instance of its own, or in one from a pool.</summary>
/// <param name="program">The program.</param>
/// <param name="limits">What the run may use.</param>
/// <param name="pool">Where its instance comes from and goes to, or null for a fresh one.</param>
internal sealed class ProgramRun(FunctionProgram program, StoreLimits limits, InstancePool? pool = null)
{
    /// <summary>What the run took, once it has ended.</summary>
    public RunFigures Figures { get; private set; }

    /// <summary>
    /// The limit that refused the program something and left it running, by its key in <c>[component.NAME.limits]</c>: the reason,
    /// when it then failed. Null when there was none.
    /// </summary>
    public string? RefusedLimit { get; private set; }

    /// <summary>Runs the program.</summary>
    /// <param name="streams">Its standard streams.</param>
    /// <param name="variables">Its environment besides what it was granted.</param>
    /// <param name="stop">Stops it.</param>
    /// <returns>Its exit code.</returns>
    public async Task<uint> RunAsync(
        ProgramStreams streams, IReadOnlyList<KeyValuePair<string, string>> variables, CancellationToken stop)
    {
        long started = Stopwatch.GetTimestamp();
        var instantiation = TimeSpan.Zero;
        bool hasReturned = false;
        ProgramInstance instance = pool?.Take(streams, variables) ?? new ProgramInstance(program, limits, streams, variables);
        try
        {
            await instance.StartAsync(stop).ConfigureAwait(false);
            instantiation = Stopwatch.GetElapsedTime(started);
            await instance.RunAsync(stop).ConfigureAwait(false);
            hasReturned = true;
            return 0;
        }
        catch (WasiExitException exit)
        {
            return exit.Code;
        }
        finally
        {
            Note(instance, instantiation);
            if (pool is null)
            {
                instance.Dispose();
            }
            else
            {
                pool.Give(instance, hasReturned);
            }
        }
    }

    private void Note(ProgramInstance instance, TimeSpan instantiation)
    {
        Store store = instance.Store;
        WasiContext wasi = instance.Wasi;
        RefusedLimit = store.HasRefusedMemory ? "memory" : store.HasRefusedTableElements ? "tables" : wasi.HasRefusedFile ? "files" : null;
        Figures = new RunFigures(
            instantiation, store.CpuTimeUsed, store.PeakMemoryBytes, null, wasi.DenialCount > 0 ? wasi.Denials : null, wasi.DenialCount);
    }
}

/// <summary>The standard streams of a run.</summary>
internal readonly record struct ProgramStreams(ByteSource Input, ByteSink Output, ByteSink Error);
