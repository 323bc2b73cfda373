using Wisp.Bench.Engines;
using Wisp.Bench.Measuring;

namespace Wisp.Bench.Tables;

/// <summary>What it costs to cross the border: host to guest, guest to host, and a trap with its exception.</summary>
internal static class CallTable
{
    private const string Module = """
        (module
          (import "host" "nothing" (func $host))
          (func (export "nothing"))
          (func (export "host_calls") (local $i i32)
            (loop $again
              (call $host)
              (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1000)))))
          (func (export "trap") unreachable))
        """;

    public static void Run(BenchContext context)
    {
        const string Table = "calls across the border";
        context.Table.Begin(Table);
        byte[] wasm = Wasm.Text.WatParser.ParseModule(Module, "calls");
        using ICompiledModule ours = context.Wisp.Compile(wasm);
        using ICompiledModule theirs = context.Peer.Compile(wasm);
        using IRunningInstance our = ours.Instantiate();
        using IRunningInstance their = theirs.Instantiate();
        Add("host to guest and back", 100_000, 1, (instance, times) => instance.CallVoid("nothing", times));
        Add("guest to host and back", 200, 1000, (instance, times) => instance.CallVoid("host_calls", times));
        using var engine = new Wisp.Engine();
        Action<int> ourAsync = AsyncHostCalls.InWisp(engine, wasm);
        Action<int> theirAsync = AsyncHostCalls.InWasmtime(wasm, suspends: false);
        Action<int> ourWaiting = AsyncHostCalls.InWispSuspending(engine, wasm);
        Action<int> theirWaiting = AsyncHostCalls.InWasmtime(wasm, suspends: true);
        Add("guest to async host, done at once", 200, 1000, (instance, times) => (instance == our ? ourAsync : theirAsync)(times));
        Add("guest to async host, suspended and resumed", 20, 1000, (instance, times) => (instance == our ? ourWaiting : theirWaiting)(times));
        Add("trap, caught in the host", 2_000, 1, (instance, times) => instance.CallTrap("trap", times));
        context.Table.End(Table);

        void Add(string name, int times, int inner, Action<IRunningInstance, int> call)
        {
            (long wisp, long peer) = Paired.Minimum(
                context.Rounds, () => Paired.Thread(() => call(our, times)), () => Paired.Thread(() => call(their, times)));
            context.Table.Add(new Row(Table, name, (double)wisp / times / inner, (double)peer / times / inner));
        }
    }
}
