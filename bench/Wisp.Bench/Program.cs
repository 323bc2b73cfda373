using System.CommandLine;
using System.Globalization;
using Wisp.Bench;
using Wisp.Bench.Charts;
using Wisp.Bench.Compiling;
using Wisp.Bench.Engines;
using Wisp.Bench.Gate;
using Wisp.Bench.Hosting;
using Wisp.Bench.Http;
using Wisp.Bench.Kernels;
using Wisp.Bench.Load;
using Wisp.Bench.Measuring;
using Wisp.Bench.Suites;
using Wisp.Bench.Tables;

// Wisp beside Wasmtime, V8 and native code, in turns, by CPU time. Ratios below 1.00: Wisp is faster.

if (args is [CompileChild.Command, var childEngine, var childThreads, var childFile])
{
    CompileChild.Run(childEngine, int.Parse(childThreads, CultureInfo.InvariantCulture), childFile);
    return 0;
}

var json = new Option<FileInfo?>("--json") { Description = "Also write the rows to this file." };
var rounds = new Option<int>("--rounds") { Description = "Most timed rounds a row; the least counts.", DefaultValueFactory = _ => 7 };
var seconds = new Option<double>("--seconds")
{
    Description = "No round of a row begins after so many seconds, but two are always run.",
    DefaultValueFactory = _ => 6,
};
var filter = new Option<string?>("--filter") { Description = "Only rows whose name contains this." };
var epoch = new Option<bool>("--interruptible-peer")
{
    Description = "Let Wasmtime check for interruption too (epochs), as Wisp always does.",
};
var alone = new Option<bool>("--only-wasmtime") { Description = "Leave out V8 and native code." };

var onlyWisp = new Option<bool>("--only-wisp") { Description = "Leave out every other engine: for bench/gate." };

var root = new RootCommand("Runs the same work in Wisp and in other engines and prints the ratios.");
Add("kernels", "Run time of the kernels in bench/kernels.", KernelTable.Run);
Add("start", "Instantiating and dropping.", StartTable.Run);
Add("wake", "From a compiled module's file to the first result.", WakeTable.Run);
Add("snapshot", "The first answer of a program with much to do before it, with a snapshot and without.", SnapshotTable.Run);
Add("calls", "Calls in both directions, and traps.", CallTable.Run);
Add("all", "Every table.", context =>
{
    KernelTable.Run(context);
    StartTable.Run(context);
    WakeTable.Run(context);
    SnapshotTable.Run(context);
    CallTable.Run(context);
});

var paths = new Argument<FileSystemInfo[]>("path")
{
    Description = "Modules, or folders with some; the kernels when there is none.",
    Arity = ArgumentArity.ZeroOrMore,
};
var big = new Option<bool>("--merged") { Description = "Also one module of over 5 MB, merged from copies of the others." };
var compile = new Command("compile", "Compile throughput and peak memory of modules.") { paths, big, json, rounds, seconds, filter };
compile.SetAction(parse => Run(parse, context => CompileTable.Run(context, Modules(parse))));
root.Add(compile);

var withPeer = new Option<bool>("--with-wasmtime") { Description = "Wasmtime too, once and at the largest size: it may take minutes." };
var shapes = new Command("compile-shapes", "Compile time of adversarial shapes as they grow; fails when one grows faster than its size.")
{
    withPeer, rounds, seconds, filter,
};
bool isLinear = true;
shapes.SetAction(parse =>
{
    Run(parse, context => isLinear = ShapeTable.Run(context, parse.GetValue(withPeer)));
    return isLinear ? 0 : 1;
});
root.Add(shapes);

var count = new Option<int>("--count") { Description = "How many instances.", DefaultValueFactory = _ => 10_000 };
var density = new Command("density", "What a live idle instance costs, each engine in a process of its own.") { count, json };
density.SetAction(parse => DensityTable.Run(parse.GetValue(count), parse.GetValue(json)?.FullName));
root.Add(density);
var which = new Argument<string[]>("engine, module, count") { Arity = new ArgumentArity(3, 3) };
var densityOf = new Command("density-of", "The process that \"density\" measures.") { which };
densityOf.SetAction(parse => DensityTable.Measure(
    parse.GetValue(which)![0], parse.GetValue(which)![1], int.Parse(parse.GetValue(which)![2], CultureInfo.InvariantCulture), Console.Out));
root.Add(densityOf);

var folders = new Argument<DirectoryInfo[]>("folder") { Description = "Folders with WASI programs, their inputs beside them." };
var suite = new Command("suite", "Run time of every WASI program in the given folders.")
{
    folders, json, rounds, seconds, filter, epoch, alone, onlyWisp,
};
suite.SetAction(RunSuite);
root.Add(suite);
root.Add(ChartCommand.Create());
root.Add(TurnCommand.Create());
root.Add(HttpCommand.Create());
root.Add(LoadCommand.Create());
root.Add(RestCommand.Create());
foreach (Command fairness in FairnessCommand.Create())
{
    root.Add(fairness);
}

return root.Parse(args).Invoke();

void Add(string name, string description, Action<BenchContext> table)
{
    var command = new Command(name, description) { json, rounds, seconds, filter, epoch, alone, onlyWisp };
    command.SetAction(parse => Run(parse, table));
    root.Add(command);
}

void Run(ParseResult parse, Action<BenchContext> table)
{
    using var wisp = new WispEngine();
    using var peer = new WasmtimeEngine(parse.GetValue(epoch));
    var rows = new RatioTable(peer.Name);
    bool isAlone = parse.GetValue(onlyWisp);
    bool others = !isAlone && !parse.GetValue(alone);
    Report(parse, rows, () => table(new BenchContext(wisp, peer, rows, parse.GetValue(rounds), parse.GetValue(filter))
    {
        Seconds = parse.GetValue(seconds),
        IsAlone = isAlone,
        HasV8 = others && NodeProcess.Version is not null,
        HasNative = others && NativeKernels.Version is not null,
    }));
}

int RunSuite(ParseResult parse)
{
    List<ISuiteEngine> engines = [new WispSuiteEngine()];
    bool isAlone = parse.GetValue(onlyWisp);
    if (!isAlone)
    {
        engines.Add(new WasmtimeSuiteEngine(parse.GetValue(epoch)));
    }

    if (!isAlone && !parse.GetValue(alone) && NodeProcess.Version is not null)
    {
        engines.Add(new V8SuiteEngine());
    }

    bool isRight = false;
    var rows = new RatioTable(engines.Skip(1).Select(engine => engine.Name).ToArray());
    Report(parse, rows, () => isRight = SuiteTable.Run(
        rows, engines, parse.GetRequiredValue(folders).Select(folder => folder.FullName).ToArray(),
        new Budget(parse.GetValue(rounds), parse.GetValue(seconds)), parse.GetValue(filter)));
    engines.ForEach(engine => engine.Dispose());
    return isRight ? 0 : 1;
}

void Report(ParseResult parse, RatioTable rows, Action run)
{
    var machine = new Machine();
    machine.Add("wasmtime", WasmtimeEngine.Version);
    machine.Add("v8", NodeProcess.Version ?? "none: no node found");
    machine.Add("native", NativeKernels.Version ?? "none: no clang-19 found");
    machine.PrintHeader();
    run();
    machine.PrintFooter();
    if (parse.GetValue(json) is FileInfo file)
    {
        JsonReport.Write(file.FullName, rows, machine);
    }
}

List<CompileModule> Modules(ParseResult parse)
{
    string[] given = parse.GetValue(paths)?.Select(path => path.FullName).ToArray() ?? [];
    List<CompileModule> modules = given.Length == 0
        ? Kernel.All(parse.GetValue(filter)).Select(kernel => new CompileModule(kernel.Name, kernel.Wasm)).ToList()
        : CompileModule.In(given, parse.GetValue(filter)).ToList();
    if (parse.GetValue(big))
    {
        modules.Add(CompileModule.Merged(modules));
    }

    return modules;
}
