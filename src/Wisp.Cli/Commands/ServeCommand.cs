using System.CommandLine;
using Wisp.Cli.Apps;
using Wisp.Cli.Loading;
using Wisp.Host;
using Wisp.Host.Invocations;
using Wisp.Host.Telemetry;
using Wisp.Host.Telemetry.Export;
using Wisp.Permissions;

namespace Wisp.Cli.Commands;

/// <summary><c>wisp serve</c>: a program behind HTTP.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var defaults = new FunctionServerOptions();
        var path = new Argument<string>("module") { Description = "A .wasm, .wat or .wisp file: a WASI program that answers by CGI." };
        var arguments = new Argument<string[]>("arguments")
        {
            Description = "The program's arguments, behind --.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var listen = new Option<string>("--listen")
        {
            Description = "Address and port; port 0 takes a free one.",
            HelpName = "address:port",
            DefaultValueFactory = _ => defaults.Listen.ToString(),
        };
        var maxConcurrent = new Option<int>("--max-concurrent")
        {
            Description = "Requests that run at once; more are answered with 503.",
            HelpName = "n",
            DefaultValueFactory = _ => defaults.MaxConcurrent,
        };
        var maxBody = new Option<string>("--max-body")
        {
            Description = "Size of a request's body; a larger one is answered with 413.",
            HelpName = "size",
            DefaultValueFactory = _ => "30MB",
        };
        var noCache = new Option<bool>("--no-cache") { Description = "Compile anew; neither read nor write the cache of images." };
        var permissions = new PermissionFlags();
        var engine = new EngineFlags();
        var command = new CommandWithExamples(
            "serve",
            "Answer HTTP requests with a program: a fresh instance for each, the request as CGI variables and standard input.",
            """
            wisp serve app.wasm
            wisp serve app.wasm --listen 0.0.0.0:80 --dir ./site::/site:ro
            wisp serve app.wasm --limit wall=2s,cpu=100ms,memory=64MiB --max-concurrent 200
            """)
        {
            path, arguments, listen, maxConcurrent, maxBody, noCache,
        };
        var tls = new TlsFlags();
        tls.AddTo(command);
        permissions.AddTo(command);
        engine.AddTo(command);
        command.SetAction(parsed =>
        {
            ProgramArguments.RefuseUnknownOptions(parsed, path, arguments);
            string file = parsed.GetRequiredValue(path);
            using PermissionSession session = permissions.Open(parsed, Path.GetFileName(file));
            FunctionServerOptions options = Options(session.Gate.Grant.Limits);
            options.Listen = ServerProcess.ParseEndPoint(parsed.GetRequiredValue(listen));
            options.Tls = tls.Read(parsed);
            options.MaxConcurrent = Positive("--max-concurrent", parsed.GetValue(maxConcurrent));
            options.MaxRequestBodyBytes = ParseSize("--max-body", parsed.GetRequiredValue(maxBody));
            using var host = new Engine(engine.Read(parsed));
            ImageCache? cache = parsed.GetValue(noCache) ? null : ImageCache.OfUser();
            using Module module = new ModuleLoader(host, cache, parsed.InvocationConfiguration.Error).Load(file);
            var program = new FunctionProgram(module, session.Gate, [Path.GetFileName(file), .. parsed.GetValue(arguments) ?? []], options.Limits);
            return ServeAsync(program, options, parsed.InvocationConfiguration.Output).GetAwaiter().GetResult();
        });
        return command;
    }

    private static async Task<int> ServeAsync(FunctionProgram program, FunctionServerOptions options, TextWriter output)
    {
        using OtlpExport? export = OtlpExport.FromEnvironment();
        var lines = new RequestLog(output);
        await using var server = new FunctionServer(program, options, export is null ? lines : new InvocationSinks(lines, export.Sink));
        export?.Observe(server.Server.Gauges);
        return await ServerProcess.RunAsync(server.Server, options.Listen, output).ConfigureAwait(false);
    }

    private static FunctionServerOptions Options(ResourceLimits granted)
    {
        var options = new FunctionServerOptions
        {
            Limits = ComponentLimits.Bounded(granted),
            MaxResponseBodyBytes = granted.ResponseBytes,
        };
        options.WallTime = granted.WallTime ?? options.WallTime;
        return options;
    }

    private static int Positive(string option, int number) => number > 0
        ? number
        : throw CommandException.Usage($"{option} {number}: expected a number above zero");

    private static long ParseSize(string option, string text) => ResourceLimits.TryParseBytes(text, out long bytes)
        ? bytes
        : throw CommandException.Usage($"{option} {GuestText.Quote(text)}: expected a size such as 30MB");
}
