using System.Runtime.InteropServices;
using Wisp.Platform.Linux;

namespace Wisp.Traps;

/// <summary>Puts the emitted signal handler before those that the process has, and gives threads an alternate signal stack.</summary>
internal static unsafe class SignalHandlers
{
    private const int Signals = 64;
    private const nuint AlternateStackBytes = 64 << 10;
    private const nuint AlternateGuardBytes = 4 << 10;

    private static readonly nint* PreviousHandlers = (nint*)NativeMemory.AllocZeroed(Signals, (nuint)sizeof(nint));

    [ThreadStatic]
    private static AlternateStack? _alternateStack;

    /// <summary>Earlier handlers by signal number, for the emitted handler.</summary>
    public static nint PreviousTable => (nint)PreviousHandlers;

    /// <summary>Installs the handler, once for the process.</summary>
    /// <param name="handler">Address of the emitted handler.</param>
    public static void Install(nint handler)
    {
        foreach (int signal in (ReadOnlySpan<int>)[Libc.SigSegv, Libc.SigBus, Libc.SigIll, Libc.SigFpe])
        {
            Libc.SigAction action;
            if (Libc.SetSignalAction(signal, null, &action) != 0)
            {
                throw new InvalidOperationException($"sigaction({signal}) failed: {Marshal.GetLastPInvokeErrorMessage()}");
            }

            // The same mask and flags, so that a handler we jump to runs as if the kernel had called it. It must take three
            // arguments and the alternate stack: a guest's own stack may be what overflowed.
            PreviousHandlers[signal] = action.Handler;
            action.Handler = handler;
            action.Flags |= Libc.SaSigInfo | Libc.SaOnStack;
            if (Libc.SetSignalAction(signal, &action, null) != 0)
            {
                throw new InvalidOperationException($"sigaction({signal}) failed: {Marshal.GetLastPInvokeErrorMessage()}");
            }
        }
    }

    /// <summary>Makes sure that this thread can take a signal while the guest's stack is used up.</summary>
    /// <remarks>CoreCLR gives its threads an alternate stack, NativeAOT does not.</remarks>
    public static void EnsureAlternateStack()
    {
        if (_alternateStack is null)
        {
            _alternateStack = AlternateStack.ForThisThread();
        }
    }

    /// <summary>A thread's alternate stack. Unmapped by the finalizer, which runs after the thread has ended.</summary>
    private sealed class AlternateStack
    {
        private static readonly AlternateStack NotOurs = new(0);

        private readonly nint _mapping;

        private AlternateStack(nint mapping)
        {
            _mapping = mapping;
        }

        ~AlternateStack()
        {
            if (_mapping != 0)
            {
                Libc.Unmap(_mapping, AlternateStackBytes + AlternateGuardBytes);
            }
        }

        public static AlternateStack ForThisThread()
        {
            Libc.SignalStack current;
            if (Libc.SetAlternateStack(null, &current) == 0 && (current.Flags & Libc.SsDisable) == 0)
            {
                return NotOurs;
            }

            nint mapping = Libc.Reserve(AlternateStackBytes + AlternateGuardBytes);
            if (mapping == Libc.MapFailed)
            {
                return NotOurs;   // works without; only an overflow past the checked limit would then end the process
            }

            nint start = mapping + (nint)AlternateGuardBytes;
            var stack = new Libc.SignalStack { Start = start, Bytes = AlternateStackBytes };
            if (Libc.Protect(start, AlternateStackBytes, Libc.ProtRead | Libc.ProtWrite) != 0
                || Libc.SetAlternateStack(&stack, null) != 0)
            {
                Libc.Unmap(mapping, AlternateStackBytes + AlternateGuardBytes);
                return NotOurs;
            }

            return new AlternateStack(mapping);
        }
    }
}
