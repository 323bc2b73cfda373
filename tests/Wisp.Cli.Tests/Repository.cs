namespace Wisp.Cli.Tests;

/// <summary>The checkout that the tests were built from, and the suites beside it.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>Programs of other languages, or null when the machine has none.</summary>
    public static string? Guests
    {
        get
        {
            string suites = Environment.GetEnvironmentVariable("WISP_SUITES") ?? Path.Combine(Root, "..", "shared", "suites");
            string guests = Path.GetFullPath(Path.Combine(suites, "..", "guests"));
            return Directory.Exists(guests) ? guests : null;
        }
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Wisp.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"no Wisp.slnx above {AppContext.BaseDirectory}");
    }
}
