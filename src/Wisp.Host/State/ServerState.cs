using Wisp.Host.Secrets;

namespace Wisp.Host.State;

/// <summary>All that a server keeps, opened.</summary>
internal sealed class ServerState : IDisposable
{
    private readonly SecretBox _box;

    private ServerState(DataFolder folder, StateDatabase database, Engine engine, SecretBox box, TimeProvider clock)
    {
        Folder = folder;
        Database = database;
        Engine = engine;
        _box = box;
        Blobs = new BlobStore(folder);
        Images = new ImageStore(folder, engine);
        Versions = new VersionFolder(folder, Blobs);
        Secrets = new SecretStore(database, box);
        Tokens = new TokenStore(database, clock);
        Audit = new AuditLog(database);
    }

    public DataFolder Folder { get; }

    public StateDatabase Database { get; }

    /// <summary>Compiles what is deployed; not owned.</summary>
    public Engine Engine { get; }

    public BlobStore Blobs { get; }

    public ImageStore Images { get; }

    public VersionFolder Versions { get; }

    public SecretStore Secrets { get; }

    public TokenStore Tokens { get; }

    public AuditLog Audit { get; }

    /// <summary>Opens a data folder.</summary>
    /// <param name="path">The folder; made when there is none.</param>
    /// <param name="engine">Compiles what is deployed.</param>
    /// <param name="keyPath">The key's file; null for the one in the folder.</param>
    /// <param name="clock">Tells the time; null for the machine's.</param>
    /// <exception cref="StateException">It cannot be used as it is.</exception>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    public static ServerState Open(string path, Engine engine, string? keyPath = null, TimeProvider? clock = null)
    {
        DataFolder folder = DataFolder.Open(path);
        StateDatabase? database = null;
        try
        {
            database = StateDatabase.Open(folder.Database);
            SecretBox box = KeyRotation.Open(database, keyPath ?? folder.Key);
            return new ServerState(folder, database, engine, box, clock ?? TimeProvider.System);
        }
        catch
        {
            database?.Dispose();
            folder.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Database.Dispose();
        _box.Dispose();
        Folder.Dispose();
    }
}
