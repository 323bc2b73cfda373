using System.Diagnostics;
using Wisp.Linking;
using Wisp.Memories;
using Wisp.Stacks;

namespace Wisp;

/// <summary>The owner of instances and of everything that they share. What belongs to one store can be linked; nothing leaves it.</summary>
/// <remarks>
/// Calls take turns: while one thread runs a guest of the store, a call from another thread waits. Any number of calls may be
/// suspended in async host functions meanwhile. Apart from calls and <see cref="Interrupt"/> a store is not thread safe.
/// Disposing frees all its memories; memory that a pending host function may still use is freed when that function ends.
/// </remarks>
public sealed partial class Store : IDisposable
{
    private static readonly StoreLimits DefaultLimits = new();

    private Instance[] _instances = new Instance[1];   // mostly there is one
    private int _instanceCount;
    private List<IDisposable>? _owned;
    private NativeArena? _arena;
    private References? _references;
    private long _memoryBytes;
    private long _tableElements;
    private int _memories;
    private nint _blankContext;
    private bool _isDisposed;

    /// <summary>Makes an empty store.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="limits">What its instances may use; null takes the defaults.</param>
    public Store(Engine engine, StoreLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(engine);
        Engine = engine;
        Limits = limits ?? DefaultLimits;
        int stackBytes = Limits.StackBytes > 0 ? Limits.StackBytes : engine.Options.StackBytes;
        StackBytes = GuestStack.RoundUp(stackBytes);
        _cpuLimit = Limits.CpuTime is { } time ? (long)(time.TotalMilliseconds * 1e6) : long.MaxValue;
        SliceTicks = Limits.TimeSlice is { } slice ? Math.Max(1, (long)(slice.TotalSeconds * Stopwatch.Frequency)) : 0;
        IsTimed = MeasuresCpuTime || SliceTicks != 0;
    }

    /// <summary>The engine.</summary>
    public Engine Engine { get; }

    /// <summary>What its instances may use.</summary>
    public StoreLimits Limits { get; }

    /// <summary>Anything that host functions want to find again. Null at first.</summary>
    public object? Data { get; set; }

    /// <summary>Whether snapshots may be taken of guests that wait in a host call. Default: false. Calls take some microseconds longer
    /// then: they begin with an empty stack and empty registers, so that nothing of anybody else gets into an image.</summary>
    public bool TakesSnapshots { get; init; }

    /// <summary>Bytes of all linear memories now.</summary>
    public long MemoryBytes => _memoryBytes;

    /// <summary>The most bytes that all linear memories had together.</summary>
    public long PeakMemoryBytes { get; private set; }

    /// <summary>Whether something that asked for memory did not get it because of <see cref="StoreLimits.MaxMemoryBytes"/>.</summary>
    /// <remarks>Most programs that are refused a page give up soon afterwards; this tells their end from other failures.</remarks>
    public bool HasRefusedMemory { get; private set; }

    /// <summary>Whether a table did not get elements because of <see cref="StoreLimits.MaxTableElements"/>.</summary>
    public bool HasRefusedTableElements { get; private set; }

    internal References References => _references ?? MakeReferences();

    /// <summary>Whether a guest ran, or the host looked into a memory: until then only instantiation has written.</summary>
    internal bool HasRun { get; set; }

    internal int StackBytes { get; }

    /// <summary>The innermost activation that runs, if any.</summary>
    internal Activation? Current { get; set; }

    /// <summary>A context without instance, for calls of host functions by the host.</summary>
    internal nint BlankContext
    {
        get
        {
            if (_blankContext == 0)
            {
                _blankContext = AllocateRecord(Abi.VmLayout.HotBytes) + Abi.VmLayout.HotBytes;
                VmContext.WriteStubs(RawMemory.Span<byte>(_blankContext - Abi.VmLayout.HotBytes, Abi.VmLayout.HotBytes));
                AddContext(_blankContext);
            }

            return _blankContext;
        }
    }

    /// <summary>Frees all instances.</summary>
    /// <exception cref="InvalidOperationException">A guest of the store is running.</exception>
    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        if (!TryAcquire())
        {
            throw StillRuns();
        }

        bool isRunning = Current is not null;
        _isDisposed = !isRunning;
        Release();
        if (isRunning)
        {
            throw StillRuns();
        }

        StopWaiting();
        ReleaseMemory();
    }

    internal void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_isDisposed, this);

    internal bool IsDisposed => _isDisposed;

    /// <summary>A native record that lives as long as the store.</summary>
    internal nint AllocateRecord(int bytes) => (_arena ??= new NativeArena()).Allocate(bytes);

    /// <summary>Has something freed with the store's memory.</summary>
    internal void Own(IDisposable resource) => (_owned ??= []).Add(resource);

    internal void AddInstance(Instance instance)
    {
        if (_instanceCount >= Limits.MaxInstances)
        {
            throw new LinkException($"the store's limit of {Limits.MaxInstances} instances is met");
        }

        if (_instanceCount == _instances.Length)
        {
            Array.Resize(ref _instances, _instanceCount * 2);
        }

        _instances[_instanceCount++] = instance;
        instance.Number = _instanceCount;   // from 1: zero is no instance
    }

    /// <summary>The instance of a context; null for the blank one.</summary>
    internal Instance? FindInstance(nint context)
    {
        int number = (int)RawMemory.Read64(context + Abi.VmLayout.InstanceHandle);
        return number == 0 ? null : _instances[number - 1];
    }

    /// <summary>The host's object for a FuncRef seen for the first time.</summary>
    internal Function FindFunction(nint funcRef)
    {
        nint context = RawMemory.ReadPointer(funcRef + Abi.VmLayout.FuncRefContext);
        return context == 0
            ? new Function(this, HostBinding.From(funcRef))
            : FindInstance(context)!.FunctionAt(funcRef);
    }

    /// <summary>Counts processor time, peaks and refusals from here on, as in a new store. Nothing may run in it.</summary>
    internal void BeginRun()
    {
        _cpuNanoseconds = 0;
        PeakMemoryBytes = _memoryBytes;
        HasRefusedMemory = false;
        HasRefusedTableElements = false;
    }

    internal bool TryTakeMemory(long bytes)
    {
        if (bytes > Limits.MaxMemoryBytes - _memoryBytes)
        {
            HasRefusedMemory = true;
            return false;
        }

        _memoryBytes += bytes;
        PeakMemoryBytes = Math.Max(PeakMemoryBytes, _memoryBytes);
        return true;
    }

    /// <summary>Counts a memory, whatever its size.</summary>
    internal void AddMemory()
    {
        if (_memories >= Limits.MaxMemories)
        {
            throw new LinkException($"the store's limit of {Limits.MaxMemories} memories is met");
        }

        _memories++;
    }

    internal void ReturnMemory(long bytes) => _memoryBytes -= bytes;

    internal bool TryTakeElements(long count)
    {
        if (count > Limits.MaxTableElements - _tableElements)
        {
            HasRefusedTableElements = true;
            return false;
        }

        _tableElements += count;
        return true;
    }

    private static InvalidOperationException StillRuns() => new("the store cannot be disposed while one of its guests runs");

    private void FreeMemory()
    {
        ForgetContexts();
        for (int i = 0; i < _instanceCount; i++)
        {
            _instances[i].Free();
        }

        foreach (IDisposable resource in _owned ?? [])
        {
            resource.Dispose();
        }

        _owned = null;
        _arena?.Dispose();
    }

    private References MakeReferences() =>
        Interlocked.CompareExchange(ref _references, new References(this), null) ?? _references;
}
