using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Wisp.Bench.Engines;

/// <summary>A guest that calls an asynchronous host function, which is done at once or makes it wait, in both engines.</summary>
internal static class AsyncHostCalls
{
    /// <summary>Imports <c>host nothing</c>; its export calls it a thousand times.</summary>
    public const string Export = "host_calls";

    [ThreadStatic]
    private static int _timesAsked;

    /// <summary>Runs the export in Wisp.</summary>
    public static Action<int> InWisp(Wisp.Engine engine, byte[] wasm)
    {
        var linker = new Wisp.Linker(engine);
        linker.DefineFunction(
            "host", "nothing", new Wisp.Wasm.Model.FunctionType([], []), static (Wisp.AsyncHostCall _) => ValueTask.CompletedTask);
        var store = new Wisp.Store(engine);
        Wisp.Function function = linker.Instantiate(store, Wisp.Module.Compile(engine, wasm)).GetFunction(Export)!;
        return times =>
        {
            for (int i = 0; i < times; i++)
            {
                function.InvokeAsync(default).AsTask().GetAwaiter().GetResult();
            }
        };
    }

    /// <summary>Runs the export in Wisp with a host function that is done only after the guest was suspended: each call is resumed from here.</summary>
    public static Action<int> InWispSuspending(Wisp.Engine engine, byte[] wasm)
    {
        TaskCompletionSource? waiting = null;
        var linker = new Wisp.Linker(engine);
        linker.DefineFunction("host", "nothing", new Wisp.Wasm.Model.FunctionType([], []), (Wisp.AsyncHostCall _) =>
        {
            var source = new TaskCompletionSource();
            Volatile.Write(ref waiting, source);
            return new ValueTask(source.Task);
        });
        var store = new Wisp.Store(engine);
        Wisp.Function function = linker.Instantiate(store, Wisp.Module.Compile(engine, wasm)).GetFunction(Export)!;
        return times =>
        {
            for (int i = 0; i < times; i++)
            {
                Task call = function.InvokeAsync(default).AsTask();
                while (!call.IsCompleted)
                {
                    Interlocked.Exchange(ref waiting, null)?.SetResult();   // runs the guest up to its next wait
                }

                call.GetAwaiter().GetResult();
            }
        };
    }

    /// <summary>Runs the export in Wasmtime, on a fiber of its own as its asynchronous calls are.</summary>
    /// <param name="wasm">The module.</param>
    /// <param name="suspends">Whether the host function is done only when it is asked again, with the fiber left in between.</param>
    public static unsafe Action<int> InWasmtime(byte[] wasm, bool suspends)
    {
        nint engine = WasmtimeApi.NewEngine(WasmtimeApi.NewConfig());
        nint module;
        fixed (byte* bytes = wasm)
        {
            WasmtimeApi.Check(WasmtimeApi.NewModule(engine, bytes, (nuint)wasm.Length, out module));
        }

        nint linker = WasmtimeApi.NewLinker(engine);
        WasmtimeApi.ByteVector none = default;
        WasmtimeApi.ByteVector noneEither = default;
        nint type = WasmtimeApi.NewFunctionType(ref none, ref noneEither);
        fixed (byte* first = "host"u8, second = "nothing"u8)
        {
            WasmtimeApi.Check(WasmtimeApi.DefineAsync(linker, first, 4, second, 7, type, suspends ? &Waiting : &Nothing, 0, 0));
        }

        WasmtimeApi.Check(WasmtimeApi.Prepare(linker, module, out nint prepared));
        var startable = new WasmtimeStartable(engine, module, prepared);
        nint store = startable.StartAsync(out WasmtimeApi.InstanceHandle instance);
        return times =>
        {
            for (int i = 0; i < times; i++)
            {
                WasmtimeStartable.CallAsync(store, instance, "host_calls"u8);
            }
        };
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static unsafe void Nothing(
        nint data, nint caller, nint arguments, nuint argumentCount, nint results, nuint resultCount, nint* trap, Continuation* then) =>
        *then = new Continuation { Step = &Done };

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static unsafe void Waiting(
        nint data, nint caller, nint arguments, nuint argumentCount, nint results, nuint resultCount, nint* trap, Continuation* then) =>
        *then = new Continuation { Step = &DoneNextTime };

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte Done(nint data) => 1;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte DoneNextTime(nint data) => (byte)(_timesAsked++ & 1);

    /// <summary>wasmtime_async_continuation_t.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal unsafe struct Continuation
    {
        public delegate* unmanaged[Cdecl]<nint, byte> Step;
        public nint Data;
        public nint Finalizer;
    }
}
