using System.Security.Cryptography;
using Wisp.Host.State;

namespace Wisp.Host.Secrets;

// A new key is put beside the old one, under its name with ".next"; the next start takes it:
//
//   1. every secret is encrypted with the new key, in one transaction
//   2. the new key's file gets the old one's name
//
// The other way round a key that opens none of the secrets is refused: what is set with it would be lost with the right key.
//
// A crash before 1 leaves the old key in use; one between 1 and 2 leaves secrets that the new key opens, which is how the next start
// knows that only 2 is missing.

/// <summary>Opens the key of a server, and takes a new one into use.</summary>
internal static class KeyRotation
{
    private const string NextSuffix = ".next";

    /// <summary>Opens the box of secrets.</summary>
    /// <param name="database">Where they are.</param>
    /// <param name="path">The key's file.</param>
    /// <exception cref="StateException">A key cannot be used.</exception>
    public static SecretBox Open(StateDatabase database, string path)
    {
        bool hasSecrets = database.Read(queries => queries.Any("select 1 from secrets limit 1"));
        if (File.Exists(path + NextSuffix))
        {
            Rotate(database, path, hasSecrets);
        }

        byte[] key = SecretKey.Open(path, mayCreate: !hasSecrets);
        var box = new SecretBox(key);
        CryptographicOperations.ZeroMemory(key);
        if (hasSecrets && !OpensAny(database, box))
        {
            box.Dispose();
            throw OpensNone(path);
        }

        return box;
    }

    private static void Rotate(StateDatabase database, string path, bool hasSecrets)
    {
        string next = path + NextSuffix;

        // Somebody copied it there; once secrets are encrypted with it, nothing else opens them.
        DurableFile.Sync(next);
        using (var newBox = new SecretBox(SecretKey.Open(next, mayCreate: false)))
        {
            // All of them are encrypted with the new key or none is, so one that it opens is enough: another may be damaged since.
            if (hasSecrets && !OpensAny(database, newBox))
            {
                using var oldBox = new SecretBox(SecretKey.Open(path, mayCreate: false));
                Reseal(database, oldBox, newBox, path);
            }
        }

        File.Move(next, path, overwrite: true);
        DurableFile.SyncFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    private static void Reseal(StateDatabase database, SecretBox oldBox, SecretBox newBox, string path)
    {
        if (!OpensAny(database, oldBox))
        {
            throw OpensNone(path);
        }

        try
        {
            new SecretStore(database, oldBox).Reseal(newBox);
        }
        catch (StateException damaged)
        {
            throw new StateException($"{path + NextSuffix}: the key cannot be changed: {damaged.Message}. For that, take {path + NextSuffix} away "
                + "and start with the old key; then change the key", damaged);
        }
    }

    private static bool OpensAny(StateDatabase database, SecretBox box) => database.Read(queries => queries.All(
        "select app, name, sealed from secrets",
        row => box.Open(row.GetString(0), row.GetString(1), row.GetFieldValue<byte[]>(2)) is not null)).Contains(true);

    private static StateException OpensNone(string path) => new($"{path}: opens none of the secrets; it is another server's key, or they are "
        + "damaged: restore the key and wisp.db from one backup, or give the secrets up with sqlite3 wisp.db 'delete from secrets'");
}
