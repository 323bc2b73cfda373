using System.CommandLine;
using Wisp.Bench.Engines;
using Wisp.Bench.Measuring;

namespace Wisp.Bench.Http;

/// <summary><c>http</c>, the last step of bench/http/run.</summary>
internal static class HttpCommand
{
    public static Command Create()
    {
        var servers = new Option<DirectoryInfo>("--servers") { Description = "Where bench/http/run put the servers.", Required = true };
        var sources = new Option<DirectoryInfo>("--sources")
        {
            Description = "Where the repository is.",
            DefaultValueFactory = _ => new DirectoryInfo(Directory.GetCurrentDirectory()),
        };
        var rounds = new Option<int>("--rounds") { Description = "Runs of each server.", DefaultValueFactory = _ => 4 };
        var seconds = new Option<double>("--seconds") { Description = "Length of a run.", DefaultValueFactory = _ => 4 };
        var connections = new Option<int>("--connections") { Description = "Connections at once.", DefaultValueFactory = _ => 32 };
        var json = new Option<FileInfo?>("--json") { Description = "Also write the rows to this file." };
        var command = new Command("http", "Requests a second, latency and memory beside other servers: bench/http/run calls it.")
        {
            servers, sources, rounds, seconds, connections, json,
        };
        command.SetAction(async (parse, _) =>
        {
            string sourceFolder = parse.GetRequiredValue(sources).FullName;
            var machine = new Machine();
            machine.Add("node", NodeProcess.Version ?? "none");
            machine.PrintHeader();
            List<WebServer> running = await StartAsync(parse.GetRequiredValue(servers).FullName, sourceFolder).ConfigureAwait(false);
            try
            {
                return await HttpTable.RunAsync(
                    running, parse.GetValue(rounds), parse.GetValue(seconds), parse.GetValue(connections),
                    parse.GetValue(json)?.FullName).ConfigureAwait(false) ? 0 : 1;
            }
            finally
            {
                running.ForEach(server => server.Dispose());
            }
        });
        return command;
    }

    private static async Task<List<WebServer>> StartAsync(string servers, string sources)
    {
        string peers = Path.Combine(sources, "bench/http");
        string workerd = Path.Combine(servers, "npm/node_modules/.bin/workerd");
        var running = new List<WebServer>
        {
            await WebServer.StartAsync(
                "Wisp, a fresh instance for each request", Path.Combine(servers, "wisp/wisp"),
                port => ["up", Path.Combine(sources, "samples/hello"), "--listen", $"127.0.0.1:{port}"]).ConfigureAwait(false),
            await WebServer.StartAsync(
                "bare Kestrel (NativeAOT)", Path.Combine(servers, "kestrel/BareKestrel"), port => [$"{port}"]).ConfigureAwait(false),
        };
        if (NodeProcess.Version is not null)
        {
            running.Add(await WebServer.StartAsync("node's http server", "node", port => [Path.Combine(peers, "node.mjs"), $"{port}"]).ConfigureAwait(false));
        }

        if (File.Exists(workerd))
        {
            running.Add(await WebServer.StartAsync(
                "workerd", workerd, port => ["serve", Path.Combine(peers, "worker.capnp"), $"--socket-addr=http=127.0.0.1:{port}"]).ConfigureAwait(false));
        }

        return running;
    }
}
