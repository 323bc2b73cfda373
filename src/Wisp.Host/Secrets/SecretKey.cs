using System.Security.Cryptography;
using Wisp.Host.State;

namespace Wisp.Host.Secrets;

/// <summary>The key that encrypts the secrets of a server.</summary>
internal static class SecretKey
{
    public const int Bytes = 32;

    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Reads the key, and makes one when there is none and nothing is encrypted yet.</summary>
    /// <param name="path">The key's file.</param>
    /// <param name="mayCreate">Whether there may be none yet.</param>
    /// <exception cref="StateException">It is missing, open to others, or no key.</exception>
    public static byte[] Open(string path, bool mayCreate)
    {
        if (!File.Exists(path))
        {
            if (!mayCreate)
            {
                throw new StateException($"{path}: missing, and secrets are encrypted with it; restore it from a backup, "
                    + "or name it with --key");
            }

            // Beside the key, which may be on another file system than the rest.
            path = Path.GetFullPath(path);
            string unfinished = path + ".unfinished";
            File.Delete(unfinished);
            DurableFile.Write(path, RandomNumberGenerator.GetBytes(Bytes), unfinished);
        }

        if ((File.GetUnixFileMode(path) & Others) != 0)
        {
            throw new StateException($"{path}: others than its owner may use this key; chmod 600 {path}, and set the secrets anew "
                + "if somebody may have read it");
        }

        byte[] key = File.ReadAllBytes(path);
        return key.Length == Bytes ? key : throw new StateException($"{path}: a key has {Bytes} bytes, and this file has {key.Length}");
    }
}
