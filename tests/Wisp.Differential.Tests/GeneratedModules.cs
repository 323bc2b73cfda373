using System.Diagnostics;

namespace Wisp.Differential.Tests;

/// <summary>Random valid modules, made by Binaryen's wasm-opt from random bytes (its "translate to fuzz" mode).</summary>
internal static class GeneratedModules
{
    private static readonly string[] Options =
    [
        "-ttf", "--denan", "--mvp-features", "--enable-mutable-globals", "--enable-sign-ext",
        "--enable-nontrapping-float-to-int", "--enable-bulk-memory", "--enable-multivalue", "--enable-simd",
    ];

    /// <summary>Whether wasm-opt can be run here.</summary>
    public static bool IsAvailable { get; } = TryRun(["--version"]);

    /// <summary>The module of a seed: the same seed gives the same bytes to the same version of Binaryen.</summary>
    public static byte[]? Make(int seed)
    {
        string folder = Directory.CreateTempSubdirectory("wisp-differential").FullName;
        try
        {
            var random = new Random(seed);
            byte[] input = new byte[random.Next(500, 30_000)];
            random.NextBytes(input);
            string source = Path.Combine(folder, "input");
            string output = Path.Combine(folder, "module.wasm");
            File.WriteAllBytes(source, input);
            return TryRun([source, .. Options, "-o", output]) ? File.ReadAllBytes(output) : null;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static bool TryRun(string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo("wasm-opt", arguments)
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
