using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Wisp.Bench.Http;
using Wisp.Bench.Measuring;

namespace Wisp.Bench.Load;

/// <summary><c>load</c>: a mixed load on several apps. Ends with 1 when a request was lost or the memory grew.</summary>
internal static class LoadCommand
{
    private const double MostGrowth = 0.05;   // from the first to the last quarter after the warm-up

    public static Command Create()
    {
        var wisp = new Option<FileInfo>("--wisp") { Description = "The published command.", Required = true };
        var samples = new Option<DirectoryInfo>("--samples") { Description = "The samples.", DefaultValueFactory = _ => new DirectoryInfo("samples") };
        var minutes = new Option<double>("--minutes") { Description = "How long.", DefaultValueFactory = _ => 30 };
        var warmUp = new Option<double?>("--warm-up") { Description = "Minutes of it that are not looked at. Default: a fifth." };
        var rate = new Option<double>("--rate") { Description = "Requests a second; 0 as many as are answered.", DefaultValueFactory = _ => 200 };
        var clients = new Option<int>("--clients") { Description = "Requests at once.", DefaultValueFactory = _ => 32 };
        var command = new Command("load", "A mixed load on several apps of one server: requests lost, and growth of memory.")
        {
            wisp, samples, minutes, warmUp, rate, clients,
        };
        command.SetAction(async (parse, _) =>
        {
            new Machine().PrintHeader();
            TimeSpan time = TimeSpan.FromMinutes(parse.GetValue(minutes));
            TimeSpan warm = parse.GetValue(warmUp) is double some ? TimeSpan.FromMinutes(some) : time / 5;
            DirectoryInfo scratch = Directory.CreateTempSubdirectory("wisp-load-");
            WebServer? server = null;
            try
            {
                server = await StartAsync(
                    parse.GetRequiredValue(wisp).FullName, parse.GetRequiredValue(samples).FullName, scratch.FullName).ConfigureAwait(false);
                using var run = new LoadRun(server.Address);
                List<MemorySample> memory = await RunAsync(
                    run, server, time, parse.GetValue(clients), parse.GetValue(rate)).ConfigureAwait(false);
                return Report(run, memory, warm) ? 0 : 1;
            }
            finally
            {
                server?.Dispose();
                scratch.Delete(recursive: true);
            }
        });
        return command;
    }

    /// <summary>A server, with the apps deployed to it as anybody would.</summary>
    private static async Task<WebServer> StartAsync(string wisp, string samples, string scratch)
    {
        string data = Path.Combine(scratch, "data");
        string faults = Path.Combine(scratch, "faults");
        LoadKinds.WriteFaults(faults, samples);
        int admin = WebServer.FreePort();
        WebServer server = await WebServer.StartAsync(
            "wisp server", wisp, port => ["server", "--data", data, "--listen", $"127.0.0.1:{port}", "--admin", $"127.0.0.1:{admin}"])
            .ConfigureAwait(false);
        try
        {
            foreach (string folder in LoadKinds.Samples.Select(name => Path.Combine(samples, name)).Append(faults))
            {
                await DeployAsync(wisp, folder, $"http://127.0.0.1:{admin}", Path.Combine(data, "admin.token")).ConfigureAwait(false);
            }

            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    private static async Task DeployAsync(string wisp, string folder, string admin, string tokenFile)
    {
        var start = new ProcessStartInfo(wisp, ["deploy", folder, "--accept-permissions"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["WISP_SERVER"] = admin;
        start.Environment["WISP_TOKEN"] = (await File.ReadAllTextAsync(tokenFile).ConfigureAwait(false)).Trim();
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync().ConfigureAwait(false);
        await process.WaitForExitAsync().ConfigureAwait(false);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"wisp deploy {folder}: {output}{await errors.ConfigureAwait(false)}");
        }
    }

    private static async Task<List<MemorySample>> RunAsync(
        LoadRun run, WebServer server, TimeSpan time, int clients, double perSecond)
    {
        using var end = new CancellationTokenSource(time);
        Task asking = run.AskAsync(clients, perSecond, end.Token);
        var memory = new List<MemorySample>();
        DateTime started = DateTime.UtcNow;
        TimeSpan between = TimeSpan.FromSeconds(Math.Clamp(time.TotalSeconds / 120, 1, 15));
        int printed = -1;
        while (!asking.IsCompleted)
        {
            await Task.WhenAny(asking, Task.Delay(between, CancellationToken.None)).ConfigureAwait(false);
            var sample = new MemorySample(DateTime.UtcNow - started, server.AnonymousBytes);
            memory.Add(sample);
            if ((int)sample.At.TotalMinutes > printed)
            {
                printed = (int)sample.At.TotalMinutes;
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{sample.At:hh\\:mm\\:ss} {run.Answered:#,0} answered, {run.Lost.Count} lost, {sample.Bytes / 1048576.0:0.0} MiB"));
            }
        }

        await asking.ConfigureAwait(false);
        return memory;
    }

    private static bool Report(LoadRun run, List<MemorySample> memory, TimeSpan warm)
    {
        Console.WriteLine();
        foreach ((string kind, long count) in run.Counts)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count,12:#,0}  {kind}"));
        }

        foreach (string line in run.Lost.Take(20))
        {
            Console.WriteLine($"lost: {line}");
        }

        MemorySample[] after = [.. memory.Where(sample => sample.At >= warm)];
        int quarter = Math.Max(1, after.Length / 4);
        double first = after.Take(quarter).Average(sample => sample.Bytes);
        double last = after.TakeLast(quarter).Average(sample => sample.Bytes);
        double growth = (last - first) / first;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"\n{run.Answered:#,0} answered, {run.Lost.Count} lost; memory after warm-up {first / 1048576:0.0} MiB, at the end {last / 1048576:0.0} MiB: {growth * 100:+0.0;-0.0} %"));
        return run.Lost.Count == 0 && growth <= MostGrowth && run.Counts.Values.All(count => count > 0);
    }

    private sealed record MemorySample(TimeSpan At, long Bytes);
}
