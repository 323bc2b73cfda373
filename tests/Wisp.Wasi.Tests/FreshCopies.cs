namespace Wisp.Wasi.Tests;

/// <summary>Copies of a case's directories, removed with it.</summary>
internal sealed class FreshCopies(string from) : IDisposable
{
    private readonly DirectoryInfo _to = Directory.CreateTempSubdirectory("wisp-wasi-");

    public string Make(string directory)
    {
        string copy = Path.Combine(_to.FullName, directory);
        Copy(Path.Combine(from, directory), copy);
        return copy;
    }

    public void Dispose() => _to.Delete(recursive: true);

    // Contents alone: the suite may be read-only.
    private static void Copy(string source, string copy)
    {
        Directory.CreateDirectory(copy);
        foreach (string file in Directory.GetFiles(source))
        {
            File.WriteAllBytes(Path.Combine(copy, Path.GetFileName(file)), File.ReadAllBytes(file));
        }

        foreach (string directory in Directory.GetDirectories(source))
        {
            Copy(directory, Path.Combine(copy, Path.GetFileName(directory)));
        }
    }
}
