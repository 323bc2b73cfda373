using Wisp.Permissions;
using Wisp.Wasi.Preview1;

namespace Wisp.Wasi;

/// <summary>What one program has open and may use: its descriptors, arguments, environment, clock and random
/// numbers.</summary>
/// <remarks>Made by <see cref="WasiContextBuilder"/>. Serves one program in one store; not thread safe, as a program
/// makes one call at a time. Disposing closes what it has open, but not the streams that the host gave it.</remarks>
public sealed class WasiContext : IDisposable
{
    private readonly DescriptorTable _descriptors;
    private CallerMemory _memory = new(null);

    internal WasiContext(DescriptorTable descriptors, PermissionGate gate, Preview1Functions functions)
    {
        _descriptors = descriptors;
        Gate = gate;
        Functions = functions;
    }

    /// <summary>The gate through which its requests go.</summary>
    public PermissionGate Gate { get; }

    /// <summary>Whether the program did not get a descriptor because of its limit of open files.</summary>
    public bool HasRefusedFile => _descriptors.HasRefused;

    /// <summary>Paths that the program was denied, or would have been where nothing is enforced: each once, up to eight of them.</summary>
    public IReadOnlyList<Denial> Denials => Functions.Denials;

    /// <summary>How often it was denied a path, or would have been.</summary>
    public long DenialCount => Functions.DenialCount;

    internal Preview1Functions Functions { get; }

    /// <summary>Seeded random numbers that the program took, in words of 8 bytes.</summary>
    internal ulong RandomWordsTaken => Functions.RandomWordsTaken;

    /// <summary>Says which store the program runs in; the first call says it, and later ones say the same.</summary>
    internal WasiContext In(Store store)
    {
        Functions.Callers ??= () => store.CallersOfHostFunction().Frames
            .Select(frame => frame.FunctionName ?? $"function {frame.FunctionIndex} at 0x{frame.Offset:x}");
        return this;
    }

    /// <summary>Begins another run of the program, which keeps what it has open: with other variables, and nothing denied yet.</summary>
    /// <param name="variables">Variables besides those of the grant.</param>
    internal void BeginRun(IReadOnlyList<KeyValuePair<string, string>> variables)
    {
        Functions.BeginRun(WasiContextBuilder.EnvironmentOf(Gate, variables));
        _descriptors.ForgetRefused();
    }

    /// <summary>Closes what the program has open.</summary>
    public void Dispose() => _descriptors.Dispose();

    internal GuestCall Call(AsyncHostCall call)
    {
        // Nearly always the same memory as in the last call, so that a call allocates nothing.
        Memory? memory = call.Memory;
        if (!ReferenceEquals(_memory.Memory, memory))
        {
            _memory = new CallerMemory(memory);
        }

        return new GuestCall(_memory, call);
    }
}
