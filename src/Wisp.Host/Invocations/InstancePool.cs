using Wisp.Host.Manifests;
using Wisp.Host.Telemetry;
using Wisp.Permissions;

namespace Wisp.Host.Invocations;

// 1. An instance serves again only when its program returned: after a trap, an exit, a limit or a stop it is dropped.
// 2. Those that served go out first, the last one first, so that few are touched under light load; then those that are ready.
// 3. Ready ones are made one after the other in the thread pool, outside of requests. One that cannot be made is said once, and tried
//    again with the next request.

/// <summary>The instances of a program that wait for a request: ready ones, and such that served and may serve again. Thread safe.</summary>
internal sealed class InstancePool : IDisposable
{
    private readonly FunctionProgram _program;
    private readonly ComponentLimits _limits;
    private readonly InstanceRules _rules;
    private readonly IInvocationSink _log;
    private readonly InvocationOrigin _origin;
    private readonly int _mostServed;
    private readonly Lock _lock = new();
    private readonly Stack<ProgramInstance> _served = new();
    private readonly Queue<ProgramInstance> _ready = new();
    private bool _isFilling;
    private bool _isDisposed;

    /// <summary>Makes a pool and begins to fill it.</summary>
    /// <param name="program">The program; a reactor when instances serve more than one request.</param>
    /// <param name="limits">What an instance may use.</param>
    /// <param name="rules">How many are ready, and how often one serves.</param>
    /// <param name="log">Told why no instance could be made.</param>
    /// <param name="origin">The component, for the log.</param>
    public InstancePool(FunctionProgram program, ComponentLimits limits, InstanceRules rules, IInvocationSink log, InvocationOrigin origin)
    {
        _program = program;
        _limits = limits;
        _rules = rules;
        _log = log;
        _origin = origin;
        _mostServed = Math.Max(rules.Warm, 16 * Environment.ProcessorCount);
        Fill();
    }

    /// <summary>Instances that are ready and did not serve yet.</summary>
    public int Ready
    {
        get
        {
            lock (_lock)
            {
                return _ready.Count;
            }
        }
    }

    /// <summary>An instance for a request: one that waits, else one that must be started.</summary>
    public ProgramInstance Take(in ProgramStreams streams, IReadOnlyList<KeyValuePair<string, string>> variables)
    {
        ProgramInstance? instance;
        lock (_lock)
        {
            _ = _served.TryPop(out instance) || _ready.TryDequeue(out instance);
        }

        Fill();
        if (instance is null && _rules.Reuse == 1)
        {
            return new ProgramInstance(_program, _limits.Store, streams, variables);
        }

        instance ??= new ProgramInstance(_program, _limits.Store);
        instance.Begin(streams, variables);
        return instance;
    }

    /// <summary>Takes an instance back.</summary>
    /// <param name="instance">The instance.</param>
    /// <param name="hasReturned">Whether its program returned, so that it can go on.</param>
    public void Give(ProgramInstance instance, bool hasReturned)
    {
        if (hasReturned && instance.Runs < _rules.Reuse)
        {
            instance.End();
            lock (_lock)
            {
                if (!_isDisposed && _served.Count < _mostServed)
                {
                    _served.Push(instance);
                    return;
                }
            }
        }

        instance.Dispose();
    }

    public void Dispose()
    {
        ProgramInstance[] waiting;
        lock (_lock)
        {
            _isDisposed = true;
            waiting = [.. _served, .. _ready];
            _served.Clear();
            _ready.Clear();
        }

        foreach (ProgramInstance instance in waiting)
        {
            instance.Dispose();
        }
    }

    private void Fill()
    {
        if (_rules.Warm == 0)
        {
            return;
        }

        lock (_lock)
        {
            if (_isFilling || _isDisposed || _ready.Count >= _rules.Warm)
            {
                return;
            }

            _isFilling = true;
        }

        _ = Task.Run(FillAsync);
    }

    private async Task FillAsync()
    {
        while (await TryMakeAsync().ConfigureAwait(false) is ProgramInstance instance)
        {
            lock (_lock)
            {
                if (!_isDisposed)
                {
                    _ready.Enqueue(instance);
                    _isFilling = _ready.Count < _rules.Warm;
                    if (_isFilling)
                    {
                        continue;
                    }

                    return;
                }
            }

            instance.Dispose();
            return;
        }

        lock (_lock)
        {
            _isFilling = false;
        }
    }

    private async Task<ProgramInstance?> TryMakeAsync()
    {
        ProgramInstance? instance = null;
        using var wall = new CancellationTokenSource(_limits.WallTime ?? Timeout.InfiniteTimeSpan);
        try
        {
            instance = new ProgramInstance(_program, _limits.Store);
            await instance.StartAsync(wall.Token).ConfigureAwait(false);
            return instance;
        }
        catch (Exception exception)
        {
            instance?.Dispose();
            lock (_lock)
            {
                if (_isDisposed)
                {
                    return null;   // its module may be gone
                }
            }

            _log.Event(_origin, $"no instance could be made ready: {GuestText.Escape(exception.Message)}");
            return null;
        }
    }
}
