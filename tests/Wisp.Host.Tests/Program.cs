using Wisp.Host.Tests.Deployments;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

namespace Wisp.Host.Tests;

/// <summary>Runs the tests, as the entry point that xunit would generate does; or is the process that a crash test kills.</summary>
internal static class Program
{
    private static readonly string[] PlatformOptions = ["--server", "--internal-msbuild-node"];

    public static async Task<int> Main(string[] arguments)
    {
        if (await CrashChild.RunAsync())
        {
            return 0;
        }

        return arguments.Any(PlatformOptions.Contains)
            ? await TestPlatformTestFramework.RunAsync(arguments, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
            : await ConsoleRunner.Run(arguments);
    }
}
