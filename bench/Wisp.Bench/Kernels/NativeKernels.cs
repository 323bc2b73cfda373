using System.Diagnostics;
using System.Globalization;
using Wisp.Bench.Engines;

namespace Wisp.Bench.Kernels;

/// <summary>Kernels as native programs, built from their sources by <c>clang -O3</c> when they are prepared.</summary>
internal sealed class NativeKernels : IKernelEngine
{
    private const string Clang = "clang-19";

    public string Name => "native";

    /// <summary>Version of the compiler, or null when there is none.</summary>
    public static string? Version { get; } = PeerProcess.FirstLineOf(Clang, "--version");

    public IKernelRunner Prepare(Kernel kernel)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("wisp-bench-native-");
        string program = Path.Combine(folder.FullName, kernel.Name);
        using (Process build = Process.Start(new ProcessStartInfo(
            Clang, ["-O3", "-Wno-unknown-attributes", "-o", program, kernel.Source, Path.Combine(AppContext.BaseDirectory, "native", "driver.c")])
        {
            RedirectStandardError = true,
        })!)
        {
            string errors = build.StandardError.ReadToEnd();
            build.WaitForExit();
            if (build.ExitCode != 0)
            {
                folder.Delete(recursive: true);
                throw new InvalidOperationException($"{Clang}: {errors.Split('\n')[0]}");
            }
        }

        return new Runner(new PeerProcess(program), folder);
    }

    private sealed class Runner(PeerProcess process, DirectoryInfo folder) : IKernelRunner
    {
        public (long Nanoseconds, long Result) Run(int n)
        {
            string[] answer = process.Ask(n.ToString(CultureInfo.InvariantCulture)).Split(' ');
            return (long.Parse(answer[1], CultureInfo.InvariantCulture), long.Parse(answer[0], CultureInfo.InvariantCulture));
        }

        public void Dispose()
        {
            process.Dispose();
            folder.Delete(recursive: true);
        }
    }
}
