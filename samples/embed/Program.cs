using Wisp;
using Wisp.Wasm.Text;

// A module that asks its host for a number, waits for another one, and adds both.
byte[] wasm = WatParser.ParseModule("""
    (module
      (import "host" "now" (func $now (param i32) (result i32)))
      (import "host" "later" (func $later (result i32)))
      (func (export "sum") (param i32) (result i32)
        (i32.add (call $now (local.get 0)) (call $later)))
      (func (export "fail") unreachable))
    """);

using var engine = new Engine();
using Module module = Module.Compile(engine, wasm, "sample");

var linker = new Linker(engine);
linker.DefineFunction<int, int>("host", "now", static number => number * 10);
linker.DefineFunction("host", "later", Signatures.ToInt32, static async call =>
{
    await Task.Delay(50, call.CancellationToken);   // the guest holds no thread meanwhile
    call.SetResult(2);
});

using var store = new Store(engine, new StoreLimits { MaxMemoryBytes = 64 << 20, CpuTime = TimeSpan.FromSeconds(1) });
Instance instance = linker.Instantiate(store, module);

Value[] results = await instance.GetFunction("sum")!.InvokeAsync(new Value[] { 4 });
Console.WriteLine($"sum(4) = {results[0]}");

try
{
    instance.GetFunction("fail")!.Invoke();
}
catch (TrapException trap)
{
    Console.WriteLine($"{trap.Kind}: {trap.Message}");
    Console.Write(trap.Backtrace);
}
