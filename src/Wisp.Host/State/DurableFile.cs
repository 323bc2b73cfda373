using Microsoft.Win32.SafeHandles;
using Wisp.Wasi.Platform.Linux;

namespace Wisp.Host.State;

/// <summary>Files that are there after a power cut, whole or not at all, and readable by nobody else.</summary>
internal static class DurableFile
{
    public const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    public const UnixFileMode OwnerFolder = OwnerFile | UnixFileMode.UserExecute;

    private const int OpenDirectory = 0x10000 | 0x80000;   // O_RDONLY | O_DIRECTORY | O_CLOEXEC
    private const int CurrentDirectory = -100;             // AT_FDCWD

    /// <summary>A new file to write to.</summary>
    public static FileStream Create(string path) => new(path, new FileStreamOptions
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.Write,
        Share = FileShare.None,
        BufferSize = 0,
        UnixCreateMode = OwnerFile,
    });

    /// <summary>Writes a file whose name another process or a crash must never see half.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="bytes">What is in it.</param>
    /// <param name="unfinished">A path on the same file system where it is written first.</param>
    public static void Write(string path, ReadOnlySpan<byte> bytes, string unfinished)
    {
        try
        {
            using (FileStream file = Create(unfinished))
            {
                file.Write(bytes);
                file.Flush(flushToDisk: true);
            }

            File.Move(unfinished, path, overwrite: true);
            SyncFolder(Path.GetDirectoryName(path)!);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
    }

    /// <summary>Makes durable what somebody else wrote to a file, and the file's name.</summary>
    public static void Sync(string path)
    {
        using (SafeFileHandle file = File.OpenHandle(path))
        {
            RandomAccess.FlushToDisk(file);
        }

        SyncFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Makes names in a folder durable: those that were added as well as those that went.</summary>
    public static void SyncFolder(string path)
    {
        int descriptor = LibC.Open(path, OpenDirectory, 0);
        if (descriptor < 0)
        {
            throw new IOException($"{path}: the folder cannot be opened");
        }

        using var folder = new HostDescriptor(descriptor);
        if (LibC.FSync(folder) != 0)
        {
            throw new IOException($"{path}: cannot be written to the disk");
        }
    }

    /// <summary>Gives a file a second name, or copies it where the file system knows no second names.</summary>
    public static void Link(string existing, string path)
    {
        using var current = new HostDescriptor(CurrentDirectory, owns: false);
        byte[] from = ZeroEnded(existing);
        byte[] to = ZeroEnded(path);
        if (LibC.LinkAt(current, in from[0], current, in to[0], 0) != 0)
        {
            File.Copy(existing, path);
        }
    }

    /// <summary>Makes a folder, and those above it, for the owner alone.</summary>
    public static void CreateFolder(string path) => Directory.CreateDirectory(path, OwnerFolder);

    private static byte[] ZeroEnded(string path) => System.Text.Encoding.UTF8.GetBytes(path + '\0');
}
