using System.Globalization;
using System.Text.Json;

namespace Wisp.Bench.Http;

/// <summary>The same answer from several HTTP servers, loaded in turns by wrk.</summary>
internal static class HttpTable
{
    private const string Path = "/some/path";
    private const string Answer = "Hello from WebAssembly!\nYou asked for /some/path with GET.\n";

    /// <summary>Measures and prints.</summary>
    /// <param name="servers">They run all the time; one at a time has work.</param>
    /// <param name="rounds">Runs of each, in an order that is turned around each time.</param>
    /// <param name="seconds">Length of a run.</param>
    /// <param name="connections">Connections of wrk.</param>
    /// <param name="json">Where the rows go as well, or null.</param>
    /// <returns>Whether every server gave every answer.</returns>
    public static async Task<bool> RunAsync(IReadOnlyList<WebServer> servers, int rounds, double seconds, int connections, string? json)
    {
        Dictionary<WebServer, List<(WrkRun Run, TimeSpan Cpu)>> runs = servers.ToDictionary(server => server, _ => new List<(WrkRun, TimeSpan)>());
        foreach (WebServer server in servers)
        {
            await CheckAsync(server).ConfigureAwait(false);
            WrkRun.Of(new Uri(server.Address, Path), connections, seconds / 2);   // warm
        }

        for (int round = 0; round < rounds; round++)
        {
            foreach (WebServer server in round % 2 == 0 ? servers : servers.Reverse())
            {
                TimeSpan before = server.ProcessorTime;
                WrkRun run = WrkRun.Of(new Uri(server.Address, Path), connections, seconds);
                runs[server].Add((run, server.ProcessorTime - before));
            }
        }

        List<Row> rows = [.. servers.Select(server => RowOf(server, runs[server]))];
        Print(rows, rounds, seconds, connections);
        if (json is not null)
        {
            await File.WriteAllTextAsync(json, JsonSerializer.Serialize(rows)).ConfigureAwait(false);
        }

        return rows.TrueForAll(row => row.Errors == 0);
    }

    private static Row RowOf(WebServer server, List<(WrkRun Run, TimeSpan Cpu)> runs)
    {
        double requests = runs.Sum(run => run.Run.PerSecond);
        return new Row(
            server.Name,
            Median(runs, run => run.Run.PerSecond),
            Median(runs, run => run.Run.Median),
            Median(runs, run => run.Run.Slowest),
            Median(runs, run => run.Run.PerSecond / run.Cpu.TotalSeconds),
            server.ResidentBytes / 1048576.0,
            requests == 0 ? 1 : runs.Sum(run => run.Run.Errors));
    }

    private static double Median(List<(WrkRun Run, TimeSpan Cpu)> runs, Func<(WrkRun Run, TimeSpan Cpu), double> value)
    {
        double[] sorted = [.. runs.Select(value).Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static void Print(List<Row> rows, int rounds, double seconds, int connections)
    {
        Console.WriteLine($"\n{rounds} runs of {seconds:0} s each, in turns; median. wrk with {connections} connections and one thread on the same machine.\n");
        Console.WriteLine("| server | requests/s | of Kestrel | p50 | p99 | requests per s of processor time | memory |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        Row? bound = rows.Find(row => row.Server.Contains("Kestrel", StringComparison.Ordinal));
        foreach (Row row in rows)
        {
            string share = bound is null ? string.Empty : (row.PerSecond / bound.PerSecond).ToString("0.00", CultureInfo.InvariantCulture);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {row.Server} | {row.PerSecond:#,0} | {share} | {row.P50:0.00} ms | {row.P99:0.00} ms | {row.PerProcessorSecond * seconds:#,0} | {row.ResidentMiB:0} MiB |"));
            if (row.Errors > 0)
            {
                Console.WriteLine($"{row.Server}: {row.Errors} requests failed");
            }
        }
    }

    private static async Task CheckAsync(WebServer server)
    {
        using var client = new HttpClient { BaseAddress = server.Address };
        using HttpResponseMessage response = await client.GetAsync(new Uri(Path, UriKind.Relative)).ConfigureAwait(false);
        string body = await response.Content.ReadAsStringAsync().ConfigureAwait(false);
        string? type = response.Content.Headers.ContentType?.ToString().ToLowerInvariant();
        if ((int)response.StatusCode != 200 || body != Answer || type != "text/plain; charset=utf-8")
        {
            throw new InvalidOperationException($"{server.Name} gives another answer: {(int)response.StatusCode} {type} {body}");
        }
    }

    private sealed record Row(
        string Server, double PerSecond, double P50, double P99, double PerProcessorSecond, double ResidentMiB, long Errors);
}
