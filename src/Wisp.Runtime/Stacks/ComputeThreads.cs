using System.Runtime.CompilerServices;

namespace Wisp.Stacks;

/// <summary>Threads for guests that have used up a slice of time: as many as processors, each guest a slice in its turn.</summary>
/// <remarks>
/// At the back of the thread pool's queue they would hold up everything else there: a request is some ten pieces of work one after
/// the other, and each would wait for a slice of every guest that computes. Here they wait for each other alone, and the kernel
/// shares the processors between these threads and the pool's.
/// </remarks>
internal sealed class ComputeThreads
{
    private readonly Queue<Action> _turns = new();   // also the monitor that guards it and the counts
    private int _threads;
    private int _idle;

    /// <summary>The threads of this process.</summary>
    public static ComputeThreads Shared { get; } = new();

    /// <summary>Goes on in one of these threads, behind all guests that wait for their turn now.</summary>
    public TurnAwaitable NextTurn() => new(this);

    private void Enqueue(Action turn)
    {
        lock (_turns)
        {
            _turns.Enqueue(turn);
            if (_turns.Count > _idle && _threads < Environment.ProcessorCount)
            {
                _threads++;
                new Thread(Run) { IsBackground = true, Name = "wisp compute" }.UnsafeStart();
            }
            else
            {
                Monitor.Pulse(_turns);
            }
        }
    }

    private void Run()
    {
        while (true)
        {
            Take().Invoke();
        }
    }

    private Action Take()
    {
        lock (_turns)
        {
            _idle++;
            while (_turns.Count == 0)
            {
                Monitor.Wait(_turns);
            }

            _idle--;
            return _turns.Dequeue();
        }
    }

    /// <summary>What <see cref="NextTurn"/> awaits.</summary>
    internal readonly struct TurnAwaitable(ComputeThreads threads) : ICriticalNotifyCompletion
    {
        public bool IsCompleted => false;

        public TurnAwaitable GetAwaiter() => this;

        public void GetResult()
        {
        }

        // The builder of the async method carries the execution context itself.
        public void OnCompleted(Action continuation) => threads.Enqueue(continuation);

        public void UnsafeOnCompleted(Action continuation) => threads.Enqueue(continuation);
    }
}
