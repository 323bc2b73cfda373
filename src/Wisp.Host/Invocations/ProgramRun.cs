using System.Diagnostics;
using Wisp.Host.Telemetry;
using Wisp.Wasi;

namespace Wisp.Host.Invocations;

/// <summary>One store, one instance, one run of a program from its start to its end.</summary>
internal sealed class ProgramRun(FunctionProgram program, StoreLimits limits)
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
        using var store = new Store(program.Engine, limits);
        using WasiContext wasi = program.CreateContext(streams, variables);
        try
        {
            store.Data = wasi;
            ProgramEntry start = await program.InstantiateAsync(store, stop).ConfigureAwait(false);
            instantiation = Stopwatch.GetElapsedTime(started);
            await start.InvokeAsync(stop).ConfigureAwait(false);
            return 0;
        }
        catch (WasiExitException exit)
        {
            return exit.Code;
        }
        finally
        {
            RefusedLimit = store.HasRefusedMemory ? "memory" : store.HasRefusedTableElements ? "tables" : wasi.HasRefusedFile ? "files" : null;
            Figures = new RunFigures(
                instantiation, store.CpuTimeUsed, store.PeakMemoryBytes, null, wasi.DenialCount > 0 ? wasi.Denials : null, wasi.DenialCount);
        }
    }
}

/// <summary>The standard streams of a run.</summary>
internal readonly record struct ProgramStreams(ByteSource Input, ByteSink Output, ByteSink Error);
