namespace Wisp.Host.Tests;

/// <summary>A folder that goes away with its test.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("wisp-host-").FullName;

    /// <summary>Writes a file, and the folders that it lies in.</summary>
    /// <param name="name">Its path in the folder.</param>
    /// <param name="text">What is in it.</param>
    public TempFolder Write(string name, string text)
    {
        string path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return this;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
