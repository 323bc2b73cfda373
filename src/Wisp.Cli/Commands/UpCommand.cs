using System.CommandLine;
using Wisp.Cli.Apps;
using Wisp.Host;
using Wisp.Host.Apps;
using Wisp.Host.Manifests;

namespace Wisp.Cli.Commands;

/// <summary><c>wisp up</c>: an app on this machine.</summary>
internal static class UpCommand
{
    public static Command Create()
    {
        var app = new AppArguments();
        var listen = new Option<string>("--listen")
        {
            Description = "Address and port; port 0 takes a free one.",
            HelpName = "address:port",
            DefaultValueFactory = _ => new FunctionServerOptions().Listen.ToString(),
        };
        var command = new CommandWithExamples(
            "up",
            "Run an app: its routes behind HTTP, its cron triggers at their times.",
            """
            wisp up samples/shop
            wisp up --listen 127.0.0.1:3000 -e greeting=hi
            wisp up app.wasm
            """)
        {
            listen,
        };
        app.AddTo(command);
        command.SetAction(parsed =>
        {
            TextWriter output = parsed.InvocationConfiguration.Output;
            var options = new FunctionServerOptions { Listen = ServerProcess.ParseEndPoint(parsed.GetRequiredValue(listen)) };
            using AppSession session = app.Open(parsed, output);
            return RunAsync(session, options, output).GetAwaiter().GetResult();
        });
        return command;
    }

    private static async Task<int> RunAsync(AppSession session, FunctionServerOptions options, TextWriter output)
    {
        AppManifest manifest = session.ReadManifest();
        await using var server = new AppServer(session.Load(manifest), options, session.Log);
        return await ServerProcess.RunAsync(server, options.Listen, output).ConfigureAwait(false);
    }
}
