using Wisp.Wasi;

namespace Wisp.Host.Invocations;

/// <summary>One store with one instance of a program and what it has open. Not thread safe: it serves one request at a time.</summary>
internal sealed class ProgramInstance : IDisposable
{
    private readonly FunctionProgram _program;
    private readonly Store _store;
    private readonly WasiContext _wasi;
    private readonly SwitchedStreams? _streams;
    private ProgramEntry? _entry;

    /// <summary>Makes what an instance for one request needs; the instance comes with <see cref="StartAsync"/>.</summary>
    public ProgramInstance(
        FunctionProgram program, StoreLimits limits, in ProgramStreams streams, IReadOnlyList<KeyValuePair<string, string>> variables)
    {
        _program = program;
        _store = new Store(program.Engine, limits);
        try
        {
            _wasi = program.CreateContext(streams, variables);
            _store.Data = _wasi;
        }
        catch
        {
            _store.Dispose();
            throw;
        }
    }

    /// <summary>Makes what an instance for several requests, or for one that has not come yet, needs.</summary>
    public ProgramInstance(FunctionProgram program, StoreLimits limits)
        : this(program, limits, new SwitchedStreams())
    {
    }

    private ProgramInstance(FunctionProgram program, StoreLimits limits, SwitchedStreams streams)
        : this(program, limits, streams.Streams, [])
    {
        _streams = streams;
    }

    /// <summary>Requests that it was given so far.</summary>
    public int Runs { get; private set; }

    public Store Store => _store;

    public WasiContext Wasi => _wasi;

    /// <summary>Gives it the streams and variables of a request; only for one that was made for several.</summary>
    public void Begin(in ProgramStreams streams, IReadOnlyList<KeyValuePair<string, string>> variables)
    {
        _streams!.Connect(streams);
        _wasi.BeginRun(variables);
        _store.BeginRun();
    }

    /// <summary>Makes the instance, if that was not done before.</summary>
    public async ValueTask StartAsync(CancellationToken stop) =>
        _entry ??= await _program.InstantiateAsync(_store, stop).ConfigureAwait(false);

    /// <summary>Runs the program for a request.</summary>
    /// <exception cref="WasiExitException">It ended with a code; it cannot go on.</exception>
    public async ValueTask RunAsync(CancellationToken stop)
    {
        Runs++;
        await _entry!.Value.InvokeAsync(stop).ConfigureAwait(false);
    }

    /// <summary>Takes the streams of the last request away.</summary>
    public void End() => _streams!.Disconnect();

    public void Dispose()
    {
        _wasi.Dispose();
        _store.Dispose();
    }
}
