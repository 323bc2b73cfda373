using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Wisp.Bench.Tables;

namespace Wisp.Bench.Hosting;

/// <summary>What an app that computes without end adds to the latency of another app on the same server.</summary>
/// <remarks>The server is a process of its own. Requests to hello begin at fixed times, whatever became of those before; seconds without and with
/// the other app take turns, so that what else the machine does falls on both.</remarks>
internal static class FairnessCommand
{
    private const string Server = "fairness-server";
    private const int Rounds = 5;
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(4);

    public static IEnumerable<Command> Create()
    {
        var seconds = new Option<double>("--seconds") { Description = "Length of each of the ten parts.", DefaultValueFactory = _ => 3 };
        var loops = new Option<int>("--loops") { Description = "Requests that compute without end, at once.", DefaultValueFactory = _ => 4 };
        var command = new Command("fairness", "What an endless loop in one app adds to the latency of another.") { seconds, loops };
        command.SetAction(parsed => MeasureAsync(parsed.GetValue(seconds), parsed.GetValue(loops)));
        yield return command;

        var server = new Command(Server, "The server that \"fairness\" measures.");
        server.SetAction(_ => ServeAsync());
        yield return server;
    }

    private static async Task ServeAsync()
    {
        await using var host = new BenchHost();
        byte[] loop = Wasm.Text.WatParser.ParseModule("""(module (memory (export "memory") 1) (func (export "_start") (loop (br 0))))""", "loop");
        host.Serve(host.Version("hello", StartModules.Hello()));
        host.Serve(host.Version("loop", loop, "limits = { cpu = \"10m\", wall = \"10m\" }"));
        await host.Host.StartAsync().ConfigureAwait(false);
        Console.WriteLine(host.Port);
        Console.ReadLine();   // until our parent is gone
    }

    private static async Task<int> MeasureAsync(double seconds, int loops)
    {
        using Process server = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, Server)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        try
        {
            int port = int.Parse((await server.StandardOutput.ReadLineAsync().ConfigureAwait(false))!, CultureInfo.InvariantCulture);
            using HttpClient client = BenchHost.ClientOf(port);
            var alone = new List<double>();
            var beside = new List<double>();
            await AskAsync(client, TimeSpan.FromSeconds(1)).ConfigureAwait(false);
            for (int round = 0; round < Rounds; round++)
            {
                alone.AddRange(await AskAsync(client, TimeSpan.FromSeconds(seconds)).ConfigureAwait(false));
                using var end = new CancellationTokenSource();
                Task[] endless = [.. Enumerable.Range(0, loops).Select(_ => LoopAsync(client, end.Token))];
                await Task.Delay(200).ConfigureAwait(false);
                beside.AddRange(await AskAsync(client, TimeSpan.FromSeconds(seconds)).ConfigureAwait(false));
                await end.CancelAsync().ConfigureAwait(false);
                await Task.WhenAll(endless).ConfigureAwait(false);
            }

            Print(alone, beside, loops);
        }
        finally
        {
            server.Kill();
        }

        return 0;
    }

    private static void Print(List<double> alone, List<double> beside, int loops)
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"hello, a request every {Between.TotalMilliseconds} ms, {alone.Count} alone and {beside.Count} beside {loops} endless loops"));
        Console.WriteLine($"{"",-8}{"alone",12}{"beside",12}{"more",12}");
        foreach ((string name, double share) in ((string, double)[])[("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999), ("most", 1)])
        {
            double a = At(alone, share);
            double b = At(beside, share);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-8}{a,9:0.00} ms{b,9:0.00} ms{b - a,9:0.00} ms"));
        }
    }

    private static double At(List<double> numbers, double share)
    {
        numbers.Sort();
        return numbers[(int)Math.Min(numbers.Count - 1, share * numbers.Count)];
    }

    /// <summary>Asks hello again and again.</summary>
    /// <returns>How long each answer took from the time at which it was due to be asked for, in milliseconds.</returns>
    private static async Task<double[]> AskAsync(HttpClient client, TimeSpan time)
    {
        var answers = new List<Task<double>>();
        long start = Stopwatch.GetTimestamp();
        for (TimeSpan due = TimeSpan.Zero; due < time; due += Between)
        {
            TimeSpan wait = due - Stopwatch.GetElapsedTime(start);
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait).ConfigureAwait(false);
            }

            answers.Add(OneAsync(client));
        }

        return await Task.WhenAll(answers).ConfigureAwait(false);
    }

    private static async Task<double> OneAsync(HttpClient client)
    {
        long start = Stopwatch.GetTimestamp();
        using HttpResponseMessage answer = await client.GetAsync("http://hello.localhost/").ConfigureAwait(false);
        answer.EnsureSuccessStatusCode();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static async Task LoopAsync(HttpClient client, CancellationToken end)
    {
        try
        {
            using HttpResponseMessage answer = await client.GetAsync("http://loop.localhost/", end).ConfigureAwait(false);
            throw new InvalidOperationException($"the endless loop ended: {answer.StatusCode}");
        }
        catch (OperationCanceledException)
        {
            // As it should.
        }
    }
}
