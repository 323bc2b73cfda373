using System.Runtime.CompilerServices;
using Wisp.Memories;
using Wisp.Traps;

namespace Wisp.Stacks;

/// <summary>What one thread keeps between calls, looked up once for each.</summary>
internal sealed class ThreadSpare(int threadId)
{
    public int ThreadId => threadId;

    public Activation? Activation { get; set; }
}

/// <summary>Idle activations with their stacks: one for each thread, the others with the engine.</summary>
internal sealed class StackPool(int capacity, IdleTrimming trimming)
{
    /// <summary>So many idle stacks may keep what was touched of them, until nobody needed them for some seconds.</summary>
    private const int MaxUntrimmed = 32;

    private readonly Lock _gate = new();
    private readonly IdleList<Activation> _idle = new();
    private int _untrimmed;

    [ThreadStatic]
    private static ThreadSpare? _thread;

    /// <summary>What this thread keeps. Has made sure that it can take a signal on a guest's stack.</summary>
    public static ThreadSpare Here => _thread ?? MakeSpare();

    /// <summary>An activation for a call that begins on this thread.</summary>
    public static Activation Rent(Store store, ThreadSpare here)
    {
        int bytes = store.StackBytes;
        Activation? spare = here.Activation;
        if (spare is not null && spare.Stack.Bytes == bytes)
        {
            here.Activation = null;
            return spare;
        }

        return store.Engine.Stacks.Take(bytes);
    }

    /// <summary>Takes an activation back; the spare place is this thread's.</summary>
    public static void Return(Activation activation, Engine engine, ThreadSpare here)
    {
        if (here.Activation is null)
        {
            here.Activation = activation;
            return;
        }

        engine.Stacks.Put(activation);
    }

    public void Clear()
    {
        lock (_gate)
        {
            while (_idle.Pop() is { } activation)
            {
                activation.Stack.Unmap();
            }

            _untrimmed = 0;
        }
    }

    /// <summary>Gives back what was touched of stacks that nobody needed since the last time this was called.</summary>
    /// <returns>Whether some are left.</returns>
    public bool Trim()
    {
        var activations = new List<Activation>();
        lock (_gate)
        {
            _idle.TakeUntouched(static activation => !activation.Stack.IsTrimmed, activations);
            _untrimmed -= activations.Count;
        }

        foreach (Activation activation in activations)   // nobody else has them now
        {
            activation.Stack.Trim();
            if (!TryPutBelow(activation))
            {
                activation.Stack.Unmap();
            }
        }

        return Volatile.Read(ref _untrimmed) > 0;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ThreadSpare MakeSpare()
    {
        SignalHandlers.EnsureAlternateStack();
        return _thread = new ThreadSpare(Environment.CurrentManagedThreadId);
    }

    private Activation Take(int bytes)
    {
        lock (_gate)
        {
            if (_idle.Top is { } idle && idle.Stack.Bytes == bytes)
            {
                _idle.Pop();
                if (!idle.Stack.IsTrimmed)
                {
                    _untrimmed--;
                }

                idle.Stack.IsTrimmed = false;
                return idle;
            }
        }

        return new Activation(GuestStack.Allocate(bytes));
    }

    private void Put(Activation activation)
    {
        if (Volatile.Read(ref _untrimmed) >= MaxUntrimmed)
        {
            activation.Stack.Trim();
        }

        if (TryKeep(activation))
        {
            trimming.Want();
            return;
        }

        activation.Stack.Unmap();
    }

    // While it was away, others may have come.
    private bool TryPutBelow(Activation activation)
    {
        lock (_gate)
        {
            if (!HasRoom(activation))
            {
                return false;
            }

            _idle.PutBelow(activation);
            return true;
        }
    }

    // Under the lock.
    private bool HasRoom(Activation activation) =>
        _idle.Count < capacity && (_idle.Top is not { } top || top.Stack.Bytes == activation.Stack.Bytes);

    private bool TryKeep(Activation activation)
    {
        lock (_gate)
        {
            if (!HasRoom(activation))
            {
                return false;
            }

            _idle.Push(activation);
            if (!activation.Stack.IsTrimmed)
            {
                _untrimmed++;
            }

            return true;
        }
    }
}
