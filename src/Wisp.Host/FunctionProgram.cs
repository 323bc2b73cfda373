using System.Runtime.CompilerServices;
using Wisp.Host.Invocations;
using Wisp.Host.Snapshots;
using Wisp.Permissions;
using Wisp.Wasi;

namespace Wisp.Host;

/// <summary>A module that serves requests, with what it was granted. Thread safe: requests share it, instances they do not.</summary>
public sealed class FunctionProgram
{
    // A start function that never ends must not hold up who loads the program.
    private static readonly TimeSpan CheckTime = TimeSpan.FromSeconds(10);

    // What programs import is the same for all of an engine.
    private static readonly ConditionalWeakTable<Engine, Linker> Linkers = [];

    private readonly ProgramForm _form;
    private readonly Module _module;
    private readonly PermissionGate _gate;
    private readonly string[] _arguments;
    private readonly Linker _linker;
    private readonly ulong _randomWordsTaken;

    /// <summary>Prepares a module.</summary>
    /// <param name="module">A command of WASI preview 1, which exports <c>_start</c>, or a reactor, which exports <c>handle</c>.</param>
    /// <param name="gate">What it was granted; the standard streams carry the request in any case.</param>
    /// <param name="arguments">Its arguments; the first is its name.</param>
    /// <exception cref="LinkException">It is neither of the two, or imports something that there is not.</exception>
    /// <exception cref="IOException">A granted directory cannot be opened.</exception>
    /// <exception cref="TrapException">Its start function or a segment traps already.</exception>
    public FunctionProgram(Module module, PermissionGate gate, IEnumerable<string> arguments)
        : this(module, gate, arguments, new StoreLimits())
    {
    }

    /// <summary>Prepares a module whose instances have limits, which it must not need to exceed from the start.</summary>
    internal FunctionProgram(Module module, PermissionGate gate, IEnumerable<string> arguments, StoreLimits limits, bool isTried = false)
    {
        _module = module;
        _gate = gate;
        _arguments = [.. arguments];
        _linker = Linkers.GetValue(module.Engine, MakeLinker);
        _form = ProgramForm.Of(module, _arguments.FirstOrDefault() ?? "the module");
        _randomWordsTaken = SnapshotNotes.Of(module).RandomWords;
        if (!isTried)
        {
            Check(limits);
        }
    }

    /// <summary>The engine of its module.</summary>
    public Engine Engine => _module.Engine;

    /// <summary>What one invocation gives the program.</summary>
    /// <param name="streams">Its standard streams.</param>
    /// <param name="variables">Its environment besides what it was granted.</param>
    internal WasiContext CreateContext(ProgramStreams streams, IReadOnlyList<KeyValuePair<string, string>> variables)
    {
        var builder = new WasiContextBuilder(_gate)
        {
            Input = streams.Input,
            Output = streams.Output,
            Error = streams.Error,
            RandomWordsTaken = _randomWordsTaken,

            // A program takes the first variable of a name, so what the operator granted wins over what a client sends.
            ExtraEnvironment = variables,
        };
        return builder.AddArguments(_arguments).Build();
    }

    /// <summary>Whether an instance can serve one request after the other: it is a reactor.</summary>
    internal bool IsReusable => _form.IsReactor;

    /// <summary>Makes an instance in a store whose data is the context, and initializes it if it is a reactor whose start-up is not in
    /// the module already.</summary>
    /// <returns>What answers: once for a command, any number of times for a reactor.</returns>
    internal async ValueTask<ProgramEntry> InstantiateAsync(Store store, CancellationToken stop)
    {
        Instance instance = await _linker.InstantiateAsync(store, _module, stop).ConfigureAwait(false);
        if (_form.Initializer is string initializer && !_module.IsSnapshot)
        {
            await instance.GetFunction(initializer)!.InvokeAsync(ReadOnlyMemory<Value>.Empty, stop).ConfigureAwait(false);
        }

        return new ProgramEntry(instance, _module.IsWaiting ? null : instance.GetFunction(_form.Entry));
    }

    private static Linker MakeLinker(Engine engine)
    {
        var linker = new Linker(engine);
        WasiPreview1.Define(linker, store => (WasiContext)store.Data!);
        return linker;
    }

    /// <summary>Fails now, and not with the first request, when the program can never run.</summary>
    private void Check(StoreLimits limits)
    {
        using var store = new Store(Engine, limits with { CpuTime = limits.CpuTime ?? CheckTime });
        using WasiContext context = new WasiContextBuilder(_gate).AddArguments(_arguments).Build();
        store.Data = context;
        try
        {
            _linker.Instantiate(store, _module);
        }
        catch (LinkException exception) when (store.HasRefusedMemory || store.HasRefusedTableElements)
        {
            (string what, string limit) = store.HasRefusedMemory ? ("memory", "memory") : ("table entries", "tables");
            throw new LinkException(
                $"the program needs more {what} from the start than its limit allows (limits.{limit} raises it, or --limit {limit}=): {exception.Message}");
        }
    }
}
