namespace Wisp.Host.Admin;

/// <summary>The token that a server makes when it has none: who may read its data folder may log in.</summary>
internal static class FirstToken
{
    public const string Name = "first";

    /// <summary>Makes the token, unless there are tokens already.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="path">The file that gets it, mode 0600.</param>
    /// <param name="clock">Tells the time.</param>
    /// <returns>The token, or null when there was one.</returns>
    public static string? Ensure(ITokenStore tokens, string path, TimeProvider clock)
    {
        if (tokens.List().Count > 0)
        {
            return null;
        }

        // The file first: a token that nobody can read would lock everybody out, a file whose token is not there yet is written again.
        string text = TokenText.Create();
        using (var file = new FileStream($"{path}.new", new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            file.Write(System.Text.Encoding.ASCII.GetBytes($"{text}\n"));
            file.Flush(flushToDisk: true);
        }

        File.Move($"{path}.new", path, overwrite: true);
        tokens.TryAdd(new AdminToken(Name, AdminScope.Admin, TokenText.HashOf(text), clock.GetUtcNow()), "-");
        return text;
    }
}
