namespace Wisp.Permissions;

/// <summary>Why something was denied. The numbers are stable: they appear in audit logs.</summary>
public enum DenialCode
{
    /// <summary>A change beneath a directory that was granted read-only.</summary>
    ReadOnlyDirectory = 1,

    /// <summary>A path that leaves its directory: by <c>..</c>, as an absolute path, or through a symbolic
    /// link.</summary>
    PathEscape = 2,

    /// <summary>An endpoint that no rule allows.</summary>
    NetworkNotGranted = 3,

    /// <summary>An endpoint that a denying rule covers.</summary>
    NetworkDenied = 4,

    /// <summary>An environment variable that was not granted.</summary>
    EnvironmentNotGranted = 5,

    /// <summary>A standard stream that was not granted.</summary>
    StreamNotGranted = 6,
}

/// <summary>One thing that a program asked for and did not get, and what would allow it.</summary>
/// <param name="Code">Why.</param>
/// <param name="Action">What was asked, with its object, for example <c>open "/data/users.db" for writing</c>.</param>
/// <param name="AskedBy">Who asked: the program and the function that it called.</param>
/// <param name="Granted">The grant that came nearest, as a flag, or null when there was none.</param>
/// <param name="ToAllow">The flag that would allow it, or null when nothing can.</param>
/// <param name="ToAllowToml">The same as a line of <c>wisp.toml</c>, or null.</param>
public sealed record Denial(
    DenialCode Code, string Action, string AskedBy, string? Granted, string? ToAllow, string? ToAllowToml)
{
    private const string Also = "          or in wisp.toml: ";
    private const string Never = "nothing: a path never leaves its directory; grant the directory that it leads to";

    /// <summary>The denial as it is shown to the person who runs the program. Contains host paths: never show it to a
    /// guest.</summary>
    public override string ToString()
    {
        string text = $"wisp: denied: {Action}\n  asked by   {AskedBy}\n  granted    {Granted ?? "nothing"}\n";
        if (ToAllow is null)
        {
            return text + "  to allow   " + Never;
        }

        return text + "  to allow   " + ToAllow + (ToAllowToml is null ? "" : Also + ToAllowToml);
    }
}
