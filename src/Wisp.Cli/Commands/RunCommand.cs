using System.CommandLine;
using Wisp.Cli.Loading;
using Wisp.Host;
using Wisp.Permissions;
using Wisp.Wasi;
using Wisp.Wasm.Model;

namespace Wisp.Cli.Commands;

/// <summary><c>wisp run</c>: a program in this process, or one function of a module.</summary>
internal static class RunCommand
{
    private const string Start = "_start";

    public static Command Create()
    {
        var path = new Argument<string>("module") { Description = "A .wasm, .wat or .wisp file." };
        var arguments = new Argument<string[]>("arguments")
        {
            Description = "The program's arguments, behind --; or those of the function to invoke.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var invoke = new Option<string?>("--invoke") { Description = "Call this exported function instead of running the program.", HelpName = "name" };
        var noCache = new Option<bool>("--no-cache") { Description = "Compile anew; neither read nor write the cache of images." };
        var permissions = new PermissionFlags();
        var engine = new EngineFlags();
        var command = new CommandWithExamples(
            "run",
            "Run a program. It ends with the program's own exit code, or 134 when it traps.",
            """
            wisp run app.wasm -- --verbose input.txt
            wisp run app.wasm --dir ./data::/data:ro --env HOME=/data
            wisp run app.wasm --limit memory=64MiB,cpu=50ms,wall=2s
            wisp run app.wasm --learn grant.toml
            wisp run math.wat --invoke add 2 40
            """)
        {
            path, arguments, invoke, noCache,
        };
        permissions.AddTo(command);
        engine.AddTo(command);
        command.SetAction(parsed =>
        {
            ProgramArguments.RefuseUnknownOptions(parsed, path, arguments);
            string file = parsed.GetRequiredValue(path);
            using PermissionSession session = permissions.Open(parsed, Path.GetFileName(file));
            using var host = new Engine(engine.Read(parsed));
            ImageCache? cache = parsed.GetValue(noCache) ? null : ImageCache.OfUser();
            using Module module = new ModuleLoader(host, cache, parsed.InvocationConfiguration.Error).Load(file);
            string[] given = parsed.GetValue(arguments) ?? [];
            return parsed.GetValue(invoke) is string name
                ? Invoke(module, session.Gate, file, name, given, parsed.InvocationConfiguration.Output)
                : Run(module, session.Gate, file, given);
        });
        return command;
    }

    private static int Run(Module module, PermissionGate gate, string file, string[] arguments)
    {
        if (!module.Exports.Any(export => export.Name == Start && export.Type.Kind == ExternKind.Function))
        {
            string others = Functions(module);
            throw CommandException.Failed(
                $"{file}: exports no function {Start}, so it is no program" + (others.Length == 0 ? string.Empty : $"; --invoke calls one of: {others}"));
        }

        using WasiContext wasi = CreateContext(gate, file, arguments);
        using Store store = CreateStore(module, gate, wasi);
        Instantiate(store, module).GetFunction(Start)!.Invoke();
        return ExitCode.Success;
    }

    private static int Invoke(
        Module module, PermissionGate gate, string file, string name, string[] arguments, TextWriter output)
    {
        using WasiContext wasi = CreateContext(gate, file, []);
        using Store store = CreateStore(module, gate, wasi);
        Instance instance = Instantiate(store, module);
        Function function = instance.GetFunction(name)
            ?? throw CommandException.Failed($"{file}: exports no function {GuestText.Quote(name)}; it has: {Functions(module)}");
        foreach (Value result in function.Invoke(ValueText.Parse(function.Type, arguments)))
        {
            output.WriteLine(ValueText.Format(result));
        }

        return ExitCode.Success;
    }

    private static Store CreateStore(Module module, PermissionGate gate, WasiContext wasi)
    {
        ResourceLimits limits = gate.Grant.Limits;
        var store = new Store(module.Engine, GrantedLimits.ToStoreLimits(limits)) { Data = wasi };
        if (limits.WallTime is TimeSpan wall)
        {
            store.SetDeadline(wall);
        }

        return store;
    }

    private static WasiContext CreateContext(PermissionGate gate, string file, string[] arguments) =>
        new WasiContextBuilder(gate).InheritStreams().OpenListeners().AddArguments([Path.GetFileName(file), .. arguments]).Build();

    private static Instance Instantiate(Store store, Module module)
    {
        var linker = new Linker(module.Engine);
        WasiPreview1.Define(linker, owner => (WasiContext)owner.Data!);
        return linker.Instantiate(store, module);
    }

    private static string Functions(Module module) => string.Join(", ", module.Exports
        .Where(export => export.Type.Kind == ExternKind.Function)
        .Take(20)
        .Select(export => GuestText.Escape(export.Name)));
}
