using System.Diagnostics;
using System.Globalization;
using Wisp.Bench.Engines;

namespace Wisp.Bench.Compiling;

/// <summary>Compiles one module in a process of its own, and tells the most memory that the process ever had.</summary>
internal static class CompileChild
{
    public const string Command = "compile-once";

    private static readonly byte[] EmptyModule = [0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0];

    /// <summary>What the child does: <c>compile-once ENGINE THREADS FILE</c>.</summary>
    public static void Run(string engine, int threads, string path)
    {
        byte[] wasm = File.ReadAllBytes(path);
        using IEngine compiler = engine == "wisp" ? new WispEngine(threads) : new WasmtimeEngine(interruptible: false, isParallel: threads > 1);
        compiler.Compile(wasm).Dispose();
        Console.WriteLine(PeakBytes().ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Least peak over some runs, less that of a run that compiles an empty module: what this module added.</summary>
    public static double AddedBytes(string engine, int threads, byte[] wasm, int runs)
    {
        double empty = Least(engine, threads, EmptyModule, runs);
        return Math.Max(Least(engine, threads, wasm, runs) - empty, 1);
    }

    private static double Least(string engine, int threads, byte[] wasm, int runs)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, wasm);
            return Enumerable.Range(0, runs).Min(_ => Once(engine, threads, path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static double Once(string engine, int threads, string path)
    {
        using Process child = Process.Start(new ProcessStartInfo(
            Environment.ProcessPath!, [Command, engine, threads.ToString(CultureInfo.InvariantCulture), path])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> errors = child.StandardError.ReadToEndAsync();
        string output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        return child.ExitCode == 0
            ? double.Parse(output, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException(errors.Result.Split('\n').FirstOrDefault(line => line.Length > 0) ?? "the process failed");
    }

    // "VmHWM:    12345 kB"
    private static long PeakBytes() => 1024 * long.Parse(
        File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
            .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);
}
