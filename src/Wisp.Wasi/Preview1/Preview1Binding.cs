using Wisp.Wasm.Model;

namespace Wisp.Wasi.Preview1;

internal static partial class Preview1Binding
{
    private static FunctionType Type(ValType[] parameters, ValType[] results) => new(parameters, results);

    // A module without a memory has none that an address could be in: every access fails with a fault.
    private static GuestMemory MemoryOf(ref HostCall call) => call.Memory is { } memory ? memory.Guest : default;

    private static ValueTask Finish(AsyncHostCall call, ValueTask<Errno> result)
    {
        if (!result.IsCompletedSuccessfully)
        {
            return FinishLater(call, result);
        }

        call.SetResult((int)result.Result);
        return ValueTask.CompletedTask;
    }

    private static async ValueTask FinishLater(AsyncHostCall call, ValueTask<Errno> result) =>
        call.SetResult((int)await result.ConfigureAwait(false));
}
