using System.CommandLine;
using Wisp.Bench;
using Wisp.Bench.Engines;
using Wisp.Bench.Measuring;
using Wisp.Bench.Tables;

// Wisp beside Wasmtime, in one process, in turns, by CPU time. Ratios below 1.00: Wisp is faster.

var json = new Option<FileInfo?>("--json") { Description = "Also write the rows to this file." };
var rounds = new Option<int>("--rounds") { Description = "Timed rounds a row; the least counts.", DefaultValueFactory = _ => 7 };
var filter = new Option<string?>("--filter") { Description = "Only rows whose name contains this." };
var epoch = new Option<bool>("--interruptible-peer")
{
    Description = "Let Wasmtime check for interruption too (epochs), as Wisp always does.",
};

var root = new RootCommand("Runs the same work in Wisp and in Wasmtime and prints the ratios.");
Add("kernels", "Run time of the kernels in bench/kernels.", KernelTable.Run);
Add("compile", "Compile time of the kernels' modules.", CompileKernels);
Add("start", "Instantiating and dropping.", StartTable.Run);
Add("calls", "Calls in both directions, and traps.", CallTable.Run);
Add("all", "Every table.", context =>
{
    KernelTable.Run(context);
    CompileKernels(context);
    StartTable.Run(context);
    CallTable.Run(context);
});
var files = new Argument<FileInfo[]>("module") { Description = ".wasm files to compile in both engines." };
var compileFiles = new Command("compile-files", "Compile time of the given modules.") { files, json, rounds };
compileFiles.SetAction(parse => Run(parse, context => CompileTable.Run(
    context, parse.GetRequiredValue(files).Select(file => (file.Name, File.ReadAllBytes(file.FullName))))));
root.Add(compileFiles);

var folders = new Argument<DirectoryInfo[]>("folder") { Description = "Folders with WASI programs, their inputs beside them." };
var suite = new Command("suite", "Run time of every WASI program in the given folders.") { folders, json, rounds, filter, epoch };
suite.SetAction(parse =>
{
    var rows = new RatioTable("wasmtime");
    SuiteTable.Run(
        rows, parse.GetRequiredValue(folders).Select(folder => folder.FullName), parse.GetValue(epoch), parse.GetValue(rounds),
        parse.GetValue(filter));
    Write(rows, parse);
});
root.Add(suite);
return root.Parse(args).Invoke();

void Add(string name, string description, Action<BenchContext> table)
{
    var command = new Command(name, description) { json, rounds, filter, epoch };
    command.SetAction(parse => Run(parse, table));
    root.Add(command);
}

void Run(ParseResult parse, Action<BenchContext> table)
{
    using var wisp = new WispEngine();
    using var peer = new WasmtimeEngine(parse.GetValue(epoch));
    var rows = new RatioTable(peer.Name);
    table(new BenchContext(wisp, peer, rows, parse.GetValue(rounds), parse.GetValue(filter)));
    Write(rows, parse);
}

void Write(RatioTable rows, ParseResult parse)
{
    if (parse.GetValue(json) is FileInfo file)
    {
        rows.WriteJson(file.FullName);
    }
}

static void CompileKernels(BenchContext context) =>
    CompileTable.Run(context, KernelTable.Kernels(context.Filter).Select(kernel => (kernel.Name, kernel.Wasm)));
