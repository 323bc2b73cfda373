namespace Wisp.Cli;

/// <summary>A command cannot go on; the message is the one line that the user sees.</summary>
internal sealed class CommandException : Exception
{
    private CommandException(string message, int exitCode)
        : base(message) => ExitCode = exitCode;

    public int ExitCode { get; }

    /// <summary>A file, a module or the machine is not as it must be.</summary>
    public static CommandException Failed(string message) => new(message, Cli.ExitCode.Failure);

    /// <summary>A deploy asks for permissions that nobody accepted.</summary>
    public static CommandException NotAccepted(string message) => new(message, Cli.ExitCode.PermissionsNotAccepted);

    /// <summary>The command line asks for something that makes no sense.</summary>
    public static CommandException Usage(string message) => new(message, Cli.ExitCode.Usage);
}
