using System.CommandLine;
using System.Globalization;
using Wisp.Bench.Tables;
using Wisp.Host.Deployments;

namespace Wisp.Bench.Hosting;

/// <summary>What apps cost that nobody asks: at first, and again after each had a request and its code was dropped.</summary>
internal static class RestCommand
{
    public static Command Create()
    {
        var count = new Option<int>("--count") { Description = "How many apps.", DefaultValueFactory = _ => 1000 };
        var command = new Command("rest", "What cold functions cost at rest, and how long they take to wake.") { count };
        command.SetAction(parsed => RunAsync(parsed.GetValue(count)));
        return command;
    }

    private static async Task RunAsync(int count)
    {
        await using var host = new BenchHost();
        const string Idle = "instances.idle = \"1s\"";
        DeployedVersion pattern = host.Version("pattern", StartModules.Hello(), Idle);
        host.Serve(pattern);
        await host.Host.StartAsync().ConfigureAwait(false);
        using HttpClient client = BenchHost.ClientOf(host.Port);
        await client.GetStringAsync("http://pattern.localhost/").ConfigureAwait(false);
        await RestAsync(host).ConfigureAwait(false);
        (long managed, long resident) = InUse();

        // Each has files of its own, as a server keeps them.
        for (int i = 0; i < count; i++)
        {
            string folder = Directory.CreateDirectory(Path.Combine(pattern.Manifest.Folder, $"{i}")).FullName;
            string image = Path.Combine(folder, "c.wisp");
            File.Copy(pattern.Images["c"], image);
            host.Serve(BenchHost.At($"app{i}", folder, image, Idle));
        }

        Print($"{count} apps at rest", managed, resident, count);
        double[] wakes = new double[count];
        for (int i = 0; i < count; i++)
        {
            long start = System.Diagnostics.Stopwatch.GetTimestamp();
            await client.GetStringAsync($"http://app{i}.localhost/").ConfigureAwait(false);
            wakes[i] = System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        Print("each had a request", managed, resident, count);
        await RestAsync(host).ConfigureAwait(false);
        Print("at rest again", managed, resident, count);
        Array.Sort(wakes);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"first request of each, connection and all: p50 {wakes[count / 2]:0.00} ms, p99 {wakes[count * 99 / 100]:0.00} ms"));
    }

    private static async Task RestAsync(BenchHost host)
    {
        while (host.Host.Loaded > 0)
        {
            await Task.Delay(100).ConfigureAwait(false);
        }

        await Task.Delay(2000).ConfigureAwait(false);   // the engine trims what is idle
    }

    private static void Print(string what, long managed, long resident, int count)
    {
        (long managedNow, long residentNow) = InUse();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{what,-24}{(managedNow - managed) / 1024.0 / count,8:0.0} KiB managed {(residentNow - resident) / 1024.0 / count,8:0.0} KiB resident, each"));
    }

    private static (long Managed, long Resident) InUse()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return (GC.GetTotalMemory(forceFullCollection: false), Environment.WorkingSet);
    }
}
