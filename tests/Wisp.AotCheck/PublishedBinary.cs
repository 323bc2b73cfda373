using System.Diagnostics;
using System.Text;

namespace Wisp.AotCheck;

/// <summary>The binary that users get: WISP_BINARY, or where WISP_PUBLISH=1 what publishing with NativeAOT makes, once for all tests.</summary>
internal static class PublishedBinary
{
    private static readonly Lazy<string?> Path = new(Find);

    /// <summary>Its path, or null when nobody asked for it.</summary>
    public static string? FullPath => Path.Value;

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int Code, string Output, string Error)> Run(IEnumerable<string> arguments, string input, string cache)
    {
        var start = new ProcessStartInfo(FullPath!, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        start.Environment["XDG_CACHE_HOME"] = cache;
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        try
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The program ended without reading its input.
        }

        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("WISP_BINARY") is { Length: > 0 } given)
        {
            return System.IO.Path.GetFullPath(given);
        }

        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(System.IO.Path.Combine(root.FullName, "Wisp.slnx")))
        {
            root = root.Parent;
        }

        // Publishing takes a minute, gcc and zlib's headers: not what `dotnet test` should do unasked.
        if (root is null || Environment.GetEnvironmentVariable("WISP_PUBLISH") != "1")
        {
            return null;
        }

        string target = System.IO.Path.Combine(root.FullName, "artifacts", "aot-check");
        using Process publish = Process.Start(new ProcessStartInfo(
            "dotnet", ["publish", "src/Wisp.Cli", "-c", "Release", "-r", "linux-x64", "-o", target, "--nologo", "-v", "quiet"])
        {
            WorkingDirectory = root.FullName,
            RedirectStandardOutput = true,
        })!;
        string log = publish.StandardOutput.ReadToEnd();
        publish.WaitForExit();
        return publish.ExitCode == 0
            ? System.IO.Path.Combine(target, "wisp")
            : throw new InvalidOperationException("publishing failed:\n" + log);
    }
}
