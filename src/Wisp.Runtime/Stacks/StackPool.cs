namespace Wisp.Stacks;

/// <summary>Idle activations with their stacks: one for each thread, the others with the engine.</summary>
internal sealed class StackPool(int capacity)
{
    private readonly Lock _gate = new();
    private readonly Stack<Activation> _idle = new();

    [ThreadStatic]
    private static Activation? _spare;

    public static Activation Rent(Store store)
    {
        int bytes = store.StackBytes;
        Activation? spare = _spare;
        if (spare is not null && spare.Stack.Bytes == bytes)
        {
            _spare = null;
            return spare;
        }

        return store.Engine.Stacks.Take(bytes);
    }

    public static void Return(Activation activation, Engine engine)
    {
        if (_spare is null)
        {
            _spare = activation;
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
