using System.Security.Cryptography;
using Wisp.Host.State;

namespace Wisp.Host.Secrets;

// A new key is put beside the old one, under its name with ".next"; the next start takes it:
//
//   1. every secret is encrypted with the new key, in one transaction
//   2. the new key's file gets the old one's name
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
            Rotate(database, path);
        }

        byte[] key = SecretKey.Open(path, mayCreate: !hasSecrets);
        var box = new SecretBox(key);
        CryptographicOperations.ZeroMemory(key);
        return box;
    }

    private static void Rotate(StateDatabase database, string path)
    {
        string next = path + NextSuffix;

        // Somebody copied it there; once secrets are encrypted with it, nothing else opens them.
        DurableFile.Sync(next);
        using (var newBox = new SecretBox(SecretKey.Open(next, mayCreate: false)))
        {
            if (!OpensAll(database, newBox))
            {
                using var oldBox = new SecretBox(SecretKey.Open(path, mayCreate: false));
                new SecretStore(database, oldBox).Reseal(newBox);
            }
        }

        File.Move(next, path, overwrite: true);
        DurableFile.SyncFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    private static bool OpensAll(StateDatabase database, SecretBox box) => database.Read(queries => queries.All(
        "select app, name, sealed from secrets",
        row => box.Open(row.GetString(0), row.GetString(1), row.GetFieldValue<byte[]>(2)) is not null)).TrueForAll(opens => opens);
}
