using Wisp.Permissions;
using Wisp.Wasi;

namespace Wisp.Host.Snapshots;

/// <summary>One run of a program's start-up, in an engine of its own, where nothing lies where it lies elsewhere.</summary>
internal sealed class StartUpRun : IAsyncDisposable
{
    private readonly SnapshotRequest _request;
    private readonly StartUpGuard _guard;
    private readonly Engine _engine;
    private readonly Module _module;
    private readonly Store _store;
    private readonly WasiContext _context;
    private readonly CancellationTokenSource _end = new();
    private Task _running = Task.CompletedTask;

    /// <summary>Prepares a run.</summary>
    /// <param name="options">Settings of the engine that the program is for.</param>
    /// <param name="request">What it will be given.</param>
    /// <param name="image">The program's image.</param>
    /// <param name="form">How it is started.</param>
    public StartUpRun(EngineOptions options, SnapshotRequest request, byte[] image, ProgramForm form)
    {
        _request = request;
        Form = form;
        _guard = new StartUpGuard(request, holdsInput: !form.IsReactor);
        _engine = new Engine(new EngineOptions
        {
            MemoryBounds = options.MemoryBounds,
            StackBytes = options.StackBytes,
            MaxPooledSlots = 0,
            MaxPooledStacks = 0,
        });
        _module = Module.FromImage(_engine, image);
        _store = new Store(_engine, request.Limits with { CpuTime = null, CountsCpuTime = false, TimeSlice = null }) { TakesSnapshots = true };
        _context = CreateContext();
        _store.Data = _context;
    }

    public ProgramForm Form { get; }

    /// <summary>The instance, once its start-up has run.</summary>
    public Instance Instance { get; private set; } = null!;

    /// <summary>What is to be kept with its snapshot.</summary>
    public SnapshotNotes Notes => new(Form.Initializer ?? Form.Entry, _context.RandomWordsTaken);

    /// <summary>Runs the start-up.</summary>
    /// <exception cref="SnapshotRefusedException">It asks for what a snapshot must not hold, or fails.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        var linker = new Linker(_engine);
        WasiPreview1.Define(linker, store => (WasiContext)store.Data!);
        linker.Guard(_guard);
        try
        {
            Instance = await linker.InstantiateAsync(_store, _module, stop).ConfigureAwait(false);
            if (!Form.IsReactor)
            {
                await RunToInputAsync(stop).ConfigureAwait(false);
            }
            else if (Form.Initializer is string initializer)
            {
                await Instance.GetFunction(initializer)!.InvokeAsync(ReadOnlyMemory<Value>.Empty, stop).ConfigureAwait(false);
            }
        }
        catch (TrapException trap)
        {
            throw new SnapshotRefusedException($"start-up traps: {trap.Message}\n{trap.Backtrace.ToString().TrimEnd()}");
        }
        catch (OperationCanceledException)
        {
            stop.ThrowIfCancellationRequested();
            throw;
        }
        catch (LinkException exception)
        {
            throw new SnapshotRefusedException($"start-up cannot begin: {exception.Message}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
        _store.Dispose();
        _context.Dispose();
        _module.Dispose();
        _engine.Dispose();
    }

    // A command goes on and on; where it first wants input it is stopped, its stack as it is.
    private async Task RunToInputAsync(CancellationToken stop)
    {
        using CancellationTokenRegistration registration = stop.Register(_end.Cancel);
        _running = Instance.GetFunction(Form.Entry)!.InvokeAsync(ReadOnlyMemory<Value>.Empty, _end.Token).AsTask();
        await Task.WhenAny(_running, _guard.Held).ConfigureAwait(false);
        if (!_guard.Held.IsCompleted)
        {
            await _running.ConfigureAwait(false);
            throw new SnapshotRefusedException(
                "the program ends before it reads standard input, which is where its snapshot would have been taken");
        }

        // The host function says that it holds the guest before the guest is suspended in it; that takes microseconds.
        while (_store.FindWaiting() is null)
        {
            await Task.Delay(1, stop).ConfigureAwait(false);
        }
    }

    // No variables, no network. Directories are there by name alone: the guard lets nothing reach into them. What it says goes nowhere:
    // the probe's runs say it again.
    private WasiContext CreateContext()
    {
        Grant grant = _request.Grant with { Environment = [], Network = [] };
        var gate = new PermissionGate(grant, _request.Arguments[0]);
        return new WasiContextBuilder(gate).AddArguments(_request.HasSecretArguments ? [] : _request.Arguments).Build();
    }
}
