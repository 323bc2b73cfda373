using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Wisp.Bench.Engines;

namespace Wisp.Bench.Tables;

/// <summary>What a live idle instance costs: resident memory, page tables and address space, each engine in a process of its own.</summary>
internal static class DensityTable
{
    private static readonly string[] Modules = ["small", "hello", "waiting"];

    public static void Run(int count, string? json)
    {
        var rows = new List<Dictionary<string, object>>();
        Console.WriteLine($"\n{count + " live instances",-26}{"resident",12}{"page tables",13}{"reserved",12}   each");
        foreach (string module in Modules)
        {
            foreach (string engine in (ReadOnlySpan<string>)["wisp", "wasmtime"])
            {
                if (engine == "wasmtime" && module == "waiting")
                {
                    continue;   // its asynchronous calls are beyond its C interface's synchronous part
                }

                long[] bytes = Measure(engine, module, count);
                Console.WriteLine($"{module + ", " + engine,-26}{KiB(bytes[0], count),12}{KiB(bytes[1], count),13}{KiB(bytes[2], count),12}");
                rows.Add(new Dictionary<string, object>
                {
                    ["module"] = module,
                    ["engine"] = engine,
                    ["instances"] = count,
                    ["residentBytes"] = bytes[0],
                    ["pageTableBytes"] = bytes[1],
                    ["addressBytes"] = bytes[2],
                });
            }
        }

        if (json is not null)
        {
            File.WriteAllText(json, JsonSerializer.Serialize(rows));
        }
    }

    /// <summary>The measuring process: makes the instances and prints what they cost.</summary>
    public static void Measure(string engine, string module, int count, TextWriter output)
    {
        byte[] wasm = module switch
        {
            "small" => StartModules.Small(),
            "hello" => StartModules.Hello(),
            _ => Wasm.Text.WatParser.ParseModule(
                """(module (import "host" "wait" (func $w)) (memory 1) (func (export "touch") (i32.store (i32.const 8) (i32.const 1)) call $w))""",
                "waiting"),
        };
        Action<Action> measure = make =>
        {
            long[] before = Status();
            make();
            GC.Collect();
            long[] after = Status();
            output.WriteLine(string.Join(' ', after.Zip(before, static (a, b) => a - b)));
        };
        if (engine == "wisp")
        {
            MakeOurs(wasm, module, count, measure);
        }
        else
        {
            MakeTheirs(wasm, module == "small", count, measure);
        }
    }

    private static void MakeOurs(byte[] wasm, string module, int count, Action<Action> measure)
    {
        using var engine = new Wisp.Engine();
        using Wisp.Module compiled = Wisp.Module.Compile(engine, wasm);
        using var startable = new WispStartable(engine, compiled);
        var waiting = new TaskCompletionSource();
        var linker = new Wisp.Linker(engine);
        linker.DefineFunction("host", "wait", new Wisp.Wasm.Model.FunctionType([], []), async (Wisp.AsyncHostCall _) => await waiting.Task.ConfigureAwait(false));
        object[] live = new object[count];
        measure(() =>
        {
            for (int i = 0; i < live.Length; i++)
            {
                if (module == "waiting")
                {
                    live[i] = linker.Instantiate(new Wisp.Store(engine), compiled).GetFunction("touch")!.InvokeAsync(default).AsTask();
                    continue;
                }

                Wisp.Instance instance = startable.Start();
                live[i] = instance;
                if (module == "small")
                {
                    instance.GetFunction<Wisp.Unit>("touch").Invoke();
                }
            }
        });
        GC.KeepAlive(live);
        waiting.SetResult();
    }

    private static void MakeTheirs(byte[] wasm, bool calls, int count, Action<Action> measure)
    {
        using var engine = new WasmtimeStarter(WasmtimeAllocation.Pooled, count);
        using WasmtimeStartable startable = engine.Compile(wasm);
        measure(() =>
        {
            for (int i = 0; i < count; i++)
            {
                nint store = startable.Start(out WasmtimeApi.InstanceHandle instance);
                if (calls)
                {
                    WasmtimeStartable.Call(store, instance, "touch"u8);
                }
            }
        });
    }

    private static long[] Measure(string engine, string module, int count)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        foreach (string argument in (ReadOnlySpan<string>)["density-of", engine, module, count.ToString(CultureInfo.InvariantCulture)])
        {
            start.ArgumentList.Add(argument);
        }

        using Process child = Process.Start(start)!;
        string line = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        return child.ExitCode == 0
            ? Array.ConvertAll(line.Split(' '), static text => long.Parse(text, CultureInfo.InvariantCulture))
            : throw new InvalidOperationException($"measuring {module} in {engine} failed: {line}");
    }

    // Resident memory, page tables and address space of this process in bytes.
    private static long[] Status()
    {
        string[] lines = File.ReadAllLines("/proc/self/status");
        return Array.ConvertAll<string, long>(["VmRSS:", "VmPTE:", "VmSize:"], key => long.Parse(
            Array.Find(lines, line => line.StartsWith(key, StringComparison.Ordinal))![key.Length..^2].Trim(),
            CultureInfo.InvariantCulture) * 1024);
    }

    private static string KiB(long bytes, int count) =>
        (bytes / 1024.0 / count).ToString(bytes / count > 100 << 20 ? "0" : "0.0", CultureInfo.InvariantCulture) + " KiB";
}
