namespace Wisp.Cli;

/// <summary>What <c>wisp</c> itself ends with; a guest's own code is passed on as it is.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>Something failed: a file, a module, a test.</summary>
    public const int Failure = 1;

    /// <summary>The command line was not understood.</summary>
    public const int Usage = 2;

    /// <summary>A deploy asks for permissions that nobody accepted yet.</summary>
    public const int PermissionsNotAccepted = 3;

    /// <summary>The guest trapped: what a shell shows for a program ended by SIGABRT.</summary>
    public const int Trap = 134;
}
