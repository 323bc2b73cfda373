namespace Wisp.Wasi.Preview1;

/// <summary>The memory of the instance that calls.</summary>
internal sealed class CallerMemory(Memory? memory) : IGuestMemory
{
    public Memory? Memory => memory;

    public GuestMemory View => memory is null ? default : memory.Guest;
}
