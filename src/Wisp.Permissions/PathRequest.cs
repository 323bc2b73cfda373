namespace Wisp.Permissions;

/// <summary>Who asks for which path. The texts of a denial are only made when they are needed.</summary>
/// <param name="Function">The function that the program called, for example <c>path_open</c>.</param>
/// <param name="Verb">What it would do, for example <c>open</c> or <c>remove</c>.</param>
/// <param name="GuestPath">The path as the program sees it.</param>
/// <param name="Purpose">What for, for example <c>for writing</c>, or empty.</param>
/// <param name="Callers">Names the program's functions that led to the call, innermost first; null when
/// unknown.</param>
/// <param name="Run">Keeps what the run that asks is denied, or null.</param>
public readonly record struct PathRequest(
    string Function, string Verb, string GuestPath, string Purpose = "", Func<IEnumerable<string>>? Callers = null,
    IRunDenials? Run = null)
{
    /// <summary>The request in words: <c>open "/data/users.db" for writing</c>.</summary>
    public string Action => Verb + " " + GuestText.Quote(GuestPath) + (Purpose.Length == 0 ? "" : " " + Purpose);
}
