using System.Diagnostics;

namespace Wisp.Cli.Tests;

/// <summary>How a run of the command ended.</summary>
internal sealed record WispResult(int Code, string Output, string Error);

/// <summary>
/// Runs the <c>wisp</c> command as a process of its own: the one built beside the tests, or the one that WISP_BINARY names, so that
/// the same tests hold for the published binary.
/// </summary>
internal static class WispProcess
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // Of all runs of this test process that do not ask for one of their own.
    private static readonly string Cache = Directory.CreateTempSubdirectory("wisp-test-cache-").FullName;

    public static string Binary { get; } = Environment.GetEnvironmentVariable("WISP_BINARY") is { Length: > 0 } named
        ? Path.GetFullPath(named)
        : Path.Combine(AppContext.BaseDirectory, "wisp");

    public static WispResult Run(params string[] arguments) => RunIn(null, string.Empty, arguments);

    public static WispResult RunIn(string? folder, string input, params string[] arguments) =>
        Finish(Start(folder, arguments), input, arguments);

    /// <summary>Runs with a cache of images of its own.</summary>
    public static WispResult RunWithCache(string cache, params string[] arguments) =>
        Finish(StartWithCache(null, cache, arguments), string.Empty, arguments);

    /// <summary>Runs with other environment variables; null takes one away.</summary>
    public static WispResult RunWith(string? folder, string input, Dictionary<string, string?> environment, params string[] arguments) =>
        Finish(StartWithCache(folder, Cache, arguments, environment), input, arguments);

    /// <summary>Starts with other environment variables; null takes one away.</summary>
    public static Process StartWith(Dictionary<string, string?> environment, params string[] arguments) =>
        StartWithCache(null, Cache, arguments, environment);

    public static Process Start(string? folder, params string[] arguments) => StartWithCache(folder, Cache, arguments);

    private static WispResult Finish(Process started, string input, string[] arguments)
    {
        using Process process = started;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();

        // Reading first: a program that answers while it reads fills the pipe and would wait for us.
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        if (!process.WaitForExit(Patience))
        {
            process.Kill();
            throw new TimeoutException($"wisp {string.Join(' ', arguments)} did not end in {Patience.TotalSeconds} s");
        }

        return new WispResult(process.ExitCode, output.Result, error.Result);
    }

    /// <summary>Starts another program, which may start commands.</summary>
    public static Process StartProgram(string program, Dictionary<string, string?> environment, params string[] arguments) =>
        StartWithCache(null, Cache, arguments, environment, program);

    private static Process StartWithCache(
        string? folder, string cache, string[] arguments, Dictionary<string, string?>? environment = null, string? program = null)
    {
        var start = new ProcessStartInfo(program ?? Binary, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? Repository.Root,
        };
        start.Environment["XDG_CACHE_HOME"] = cache;
        start.Environment.Remove("WISP_DEBUG");
        foreach ((string name, string? value) in environment ?? [])
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

}
