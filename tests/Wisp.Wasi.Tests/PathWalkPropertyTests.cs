using System.Text;
using CsCheck;
using Wisp.Wasi.Platform.Linux;
using Wisp.Wasi.Preview1;

namespace Wisp.Wasi.Tests;

/// <summary>The kernel as oracle: for any path and any flags the walk opens what openat2 opens, and fails as it
/// fails.</summary>
public sealed class PathWalkPropertyTests : IDisposable
{
    private static readonly string[] Components =
    [
        ".", "..", "", "a", "b", "file", "none", "to-a", "to-b", "to-file", "up", "up-up", "out", "root", "loop",
            "dangling", "slash",
    ];

    private static readonly string[] Directories = ["", "a", "a/b", "a/b/a", "a/b/a/b", "b", "b/a"];

    private static readonly Gen<string> Paths = Gen.Int[0, Components.Length - 1].Select(i => Components[i]).Array[1, 7]
        .Select(parts => string.Join('/', parts))
        .Where(path => path.Length > 0);

    private static readonly int[] FlagChoices =
    [
        0, OpenFlags.NoFollow, OpenFlags.Directory, OpenFlags.Directory | OpenFlags.NoFollow, OpenFlags.Path,
        OpenFlags.Path | OpenFlags.NoFollow, OpenFlags.Path | OpenFlags.Directory,
            OpenFlags.Create | OpenFlags.Exclusive,
    ];

    private static readonly Gen<int> Flags = Gen.Int[0, FlagChoices.Length - 1].Select(i => FlagChoices[i]);

    private readonly TestGuest _guest = new();

    public PathWalkPropertyTests()
    {
        string at = _guest.Folder;
        Directory.CreateDirectory(Path.Combine(at, "a", "b", "a", "b"));
        Directory.CreateDirectory(Path.Combine(at, "b", "a"));
        foreach (string directory in Directories)
        {
            string here = Path.Combine(at, directory);
            File.WriteAllText(Path.Combine(here, "file"), "");
            Link(here, "to-a", "a");
            Link(here, "to-b", "./to-a/../b/");
            Link(here, "to-file", "to-a/../file");
            Link(here, "up", "..");
            Link(here, "up-up", "../..");
            Link(here, "out", "../../../../../../etc");
            Link(here, "root", "/");
            Link(here, "loop", "a/../loop");
            Link(here, "dangling", "none");
            Link(here, "slash", "file/");
        }
    }

    [Fact]
    public void TheWalkDoesAsTheKernel()
    {
        using HostDescriptor root = new(LibC.Open(_guest.Folder, OpenFlags.Directory | OpenFlags.CloseOnExec, 0));
        Gen.Select(Paths, Flags).Sample((path, flags) =>
        {
            byte[] terminated = Encoding.UTF8.GetBytes(path + "\0");
            (int Error, ulong Inode) kernel = Open(root, terminated, flags, walk: false);
            (int Error, ulong Inode) walk = Open(root, terminated, flags, walk: true);
            return kernel == walk;
        }, iter: 20_000, time: 1, threads: 1, print: input => $"{input.Item1} with flags 0x{input.Item2:x}");
    }

    private (int Error, ulong Inode) Open(HostDescriptor root, byte[] path, int flags, bool walk)
    {
        int error = walk
            ? PathResolver.Walk(root, path, flags | OpenFlags.CloseOnExec, 0x1b6, out HostDescriptor? opened)
            : PathResolver.Open(root, path, flags, 0x1b6, out opened);
        using (opened)
        {
            FileStat stat = default;
            Assert.True(opened is null || HostFile.Stat(opened, out stat) == Errno.Success);
            if ((flags & OpenFlags.Create) != 0 && opened is not null)
            {
                // What was made goes again, so that the next path finds all as it was; its number says nothing.
                IEnumerable<string> made = Directories.SelectMany(
                    _ => (string[])["a", "b", "none"], (directory, name) =>
                        Path.Combine(_guest.Folder, directory, name));
                Assert.All(made.Where(File.Exists), File.Delete);

                return (error, 0);
            }

            return (error, stat.Inode);
        }
    }

    private static void Link(string directory, string name, string target) =>
        File.CreateSymbolicLink(Path.Combine(directory, name), target);

    public void Dispose() => _guest.Dispose();
}
