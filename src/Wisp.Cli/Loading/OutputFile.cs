namespace Wisp.Cli.Loading;

/// <summary>Writes a result where the user asked for it, whole or not at all, and never over something of another kind.</summary>
internal static class OutputFile
{
    /// <summary>Writes a file.</summary>
    /// <param name="path">Where.</param>
    /// <param name="bytes">What.</param>
    /// <param name="mayReplace">Whether the file that is there already may be replaced.</param>
    public static void Write(string path, ReadOnlySpan<byte> bytes, Func<string, bool> mayReplace)
    {
        if (Directory.Exists(path))
        {
            throw CommandException.Failed($"{path}: is a directory; name the file to write");
        }

        if (File.Exists(path) && !mayReplace(path))
        {
            throw CommandException.Failed($"{path}: exists and is not a Wisp image; --force replaces it");
        }

        string? folder = Path.GetDirectoryName(Path.GetFullPath(path));
        if (!Directory.Exists(folder))
        {
            throw CommandException.Failed($"{path}: there is no folder {folder}");
        }

        // A rename puts the whole file in its place at once: who maps the old one keeps the old one. A process id would not do as a
        // name: two containers that share the folder may have the same, and one would write on into a file that the other mapped.
        string unfinished = $"{path}.new-{Guid.NewGuid():n}";
        try
        {
            File.WriteAllBytes(unfinished, bytes);
            File.Move(unfinished, path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            File.Delete(unfinished);   // of no effect when it could not be created
            string reason = exception is UnauthorizedAccessException or FileNotFoundException ? "permission denied" : exception.Message;
            throw CommandException.Failed($"{path}: cannot be written: {reason}");
        }
    }
}
