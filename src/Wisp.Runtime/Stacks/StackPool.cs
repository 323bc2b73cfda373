using System.Runtime.CompilerServices;
using Wisp.Traps;

namespace Wisp.Stacks;

/// <summary>What one thread keeps between calls, looked up once for each.</summary>
internal sealed class ThreadSpare(int threadId)
{
    public int ThreadId => threadId;

    public Activation? Activation { get; set; }
}

/// <summary>Idle activations with their stacks: one for each thread, the others with the engine.</summary>
internal sealed class StackPool(int capacity)
{
    private readonly Lock _gate = new();
    private readonly Stack<Activation> _idle = new();

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
            while (_idle.TryPop(out Activation? activation))
            {
                activation.Stack.Unmap();
            }
        }
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
            if (_idle.TryPeek(out Activation? idle) && idle.Stack.Bytes == bytes)
            {
                return _idle.Pop();
            }
        }

        return new Activation(GuestStack.Allocate(bytes));
    }

    private void Put(Activation activation)
    {
        lock (_gate)
        {
            if (_idle.Count < capacity && (_idle.Count == 0 || _idle.Peek().Stack.Bytes == activation.Stack.Bytes))
            {
                activation.Stack.Trim();
                _idle.Push(activation);
                return;
            }
        }

        activation.Stack.Unmap();
    }
}
