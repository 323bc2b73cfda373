using System.Diagnostics.CodeAnalysis;

namespace Wisp.Permissions;

/// <summary>One environment variable that a program sees.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value, or null to pass on the host's (nothing is passed when the host has none).</param>
public sealed record EnvironmentGrant(string Name, string? Value)
{
    /// <summary>The argument of <c>--env</c> that grants this.</summary>
    public string Flag => Value is null ? Name : Name + "=" + Value;

    /// <summary>Reads the argument of <c>--env</c>: <c>NAME=VALUE</c>, or <c>NAME</c> to pass on the host's
    /// value.</summary>
    /// <param name="text">The argument.</param>
    /// <param name="grant">The grant, when the result is true.</param>
    /// <param name="error">Why the text is none, when the result is false.</param>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out EnvironmentGrant? grant, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        string name = equals < 0 ? text : text[..equals];
        if (name.Length == 0 || text.Contains('\0'))
        {
            grant = null;
            error = $"--env {GuestText.Quote(text)}: expected NAME or NAME=VALUE";
            return false;
        }

        grant = new EnvironmentGrant(name, equals < 0 ? null : text[(equals + 1)..]);
        error = null;
        return true;
    }
}
