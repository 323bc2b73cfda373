using System.CommandLine;
using Wisp.Cli.Apps;
using Wisp.Host;
using Wisp.Host.Apps;
using Wisp.Host.Building;
using Wisp.Host.Manifests;
using Wisp.Host.Watching;

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
        var watch = new Option<bool>("--watch") { Description = "Build and load the app again when its files change; no request is lost." };
        var command = new CommandWithExamples(
            "up",
            "Run an app: its routes behind HTTP, its cron triggers at their times.",
            """
            wisp up samples/shop
            wisp up --listen 127.0.0.1:3000 -e greeting=hi
            wisp up --watch
            wisp up app.wasm
            """)
        {
            listen, watch,
        };
        app.AddTo(command);
        var tls = new TlsFlags();
        tls.AddTo(command);
        command.SetAction(parsed =>
        {
            TextWriter output = parsed.InvocationConfiguration.Output;
            var options = new FunctionServerOptions
            {
                Listen = ServerProcess.ParseEndPoint(parsed.GetRequiredValue(listen)),
                Tls = tls.Read(parsed),
            };
            using AppSession session = app.Open(parsed, output);
            TextWriter messages = parsed.InvocationConfiguration.Error;
            Task<int> run = parsed.GetValue(watch)
                ? WatchAsync(session, app.PathOf(parsed), options, output, messages)
                : RunAsync(session, options, output);
            return run.GetAwaiter().GetResult();
        });
        return command;
    }

    private static async Task<int> RunAsync(AppSession session, FunctionServerOptions options, TextWriter output)
    {
        await using var server = new AppServer(session.Load(session.ReadManifest()), options, session.Log);
        session.Observe(server);
        return await ServerProcess.RunAsync(server, options.Listen, output).ConfigureAwait(false);
    }

    private static async Task<int> WatchAsync(
        AppSession session, string path, FunctionServerOptions options, TextWriter output, TextWriter messages)
    {
        AppManifest manifest = session.ReadManifest();
        foreach (ComponentManifest component in manifest.Components.Where(component => component.BuildCommand is not null))
        {
            await ComponentBuild.RunAsync(component, messages, CancellationToken.None).ConfigureAwait(false);
        }

        await using var server = new AppServer(session.Load(manifest), options, session.Log);
        session.Observe(server);
        var watcher = new AppWatcher(
            new WatchedApp(
                AppSource.FileOf(path), session.ReadManifest, session.Load, server.Swap, failure => Report(failure, messages), messages),
            manifest);
        return await ServerProcess.RunAsync(server, options.Listen, output, watcher.RunAsync).ConfigureAwait(false);
    }

    private static void Report(Exception failure, TextWriter messages)
    {
        lock (messages)
        {
            FailureReport.Write(failure, messages);
            messages.WriteLine("wisp: not reloaded; the app before goes on");
        }
    }
}
