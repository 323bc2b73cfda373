using System.Globalization;

namespace Wisp.Host.State;

// What a server keeps, all of it in one folder (mode 0700, files 0600):
//
//   wisp.db, wisp.db-wal, wisp.db-shm   apps, versions, traffic, secrets, tokens, audit
//   key                    32 bytes that encrypt secrets
//   lock                   held by the server that uses the folder; holds its process id
//   blobs/ab/cdef...       files by SHA-256
//   images/DIGEST.wisp     machine code, made from blobs
//   apps/NAME/N/           files of a version, links to blobs
//   storage/NAME/          where relative directories of `permissions.fs` begin
//   incoming/              uploads under way
//   logs/NAME/             what programs wrote
//
// 1. What wisp.db says is what there is. A blob that it names is complete and on the disk before the row that names it.
// 2. images/ and apps/ can be made again from wisp.db and blobs/. incoming/ holds nothing that matters.
// 3. Nobody but the holder of the lock writes here.

/// <summary>The folder in which a server keeps everything, held for this process alone.</summary>
internal sealed class DataFolder : IDisposable
{
    private const string LockName = "lock";
    private const string DatabaseName = "wisp.db";

    private readonly FileStream _lock;

    private DataFolder(string root, FileStream held)
    {
        Root = root;
        _lock = held;
    }

    public string Root { get; }

    public string Database => Path.Combine(Root, DatabaseName);

    public string Key => Path.Combine(Root, "key");

    public string AdminToken => Path.Combine(Root, "admin.token");

    public string Blobs => Path.Combine(Root, "blobs");

    public string Images => Path.Combine(Root, "images");

    public string Apps => Path.Combine(Root, "apps");

    public string Storage => Path.Combine(Root, "storage");

    public string Incoming => Path.Combine(Root, "incoming");

    public string Logs => Path.Combine(Root, "logs");

    /// <summary>The folder of a version.</summary>
    public string VersionFolder(string app, int version) =>
        Path.Combine(Apps, app, version.ToString(CultureInfo.InvariantCulture));

    /// <summary>A path in <see cref="Incoming"/> that nobody else has.</summary>
    public string NewIncoming() => Path.Combine(Incoming, Guid.NewGuid().ToString("n"));

    /// <summary>Opens a data folder, and makes it when there is none. What a server that died left in incoming/ goes.</summary>
    /// <exception cref="StateException">Another server uses it, or it is a folder of something else.</exception>
    /// <exception cref="IOException">It cannot be made or written to.</exception>
    public static DataFolder Open(string path)
    {
        string root = Path.GetFullPath(path);
        DurableFile.CreateFolder(root);
        string lockPath = Path.Combine(root, LockName);
        bool isOurs = File.Exists(lockPath) || File.Exists(Path.Combine(root, DatabaseName));
        if (!isOurs && Directory.EnumerateFileSystemEntries(root).Any())
        {
            throw new StateException($"{root}: neither empty nor the data folder of a server; name a folder of its own");
        }

        FileStream held = Hold(lockPath, root);
        try
        {
            // A restored backup may be open to others.
            File.SetUnixFileMode(root, DurableFile.OwnerFolder);
            var folder = new DataFolder(root, held);
            folder.Prepare();
            return folder;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    public void Dispose() => _lock.Dispose();

    private void Prepare()
    {
        foreach (string folder in new[] { Blobs, Images, Apps, Storage, Incoming, Logs })
        {
            DurableFile.CreateFolder(folder);
        }

        foreach (string left in Directory.EnumerateFileSystemEntries(Incoming))
        {
            if (Directory.Exists(left) && new DirectoryInfo(left).LinkTarget is null)
            {
                Directory.Delete(left, recursive: true);
            }
            else
            {
                File.Delete(left);
            }
        }

        DurableFile.SyncFolder(Root);
    }

    /// <summary>Takes the lock. The kernel gives it back when the process ends, however it ends.</summary>
    private static FileStream Hold(string path, string root)
    {
        FileStream held;
        try
        {
            // FileShare.None is flock(LOCK_EX | LOCK_NB) here.
            held = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                BufferSize = 0,
                UnixCreateMode = DurableFile.OwnerFile,
            });
        }
        catch (IOException exception) when (File.Exists(path) && exception is not (FileNotFoundException or DirectoryNotFoundException))
        {
            throw new StateException($"{root}: another server uses this data folder", exception);
        }

        held.SetLength(0);
        held.Write(System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}\n")));
        return held;
    }
}
