using System.Buffers;
using System.Security.Cryptography;

namespace Wisp.Host.State;

/// <summary>Files by their contents. Thread safe.</summary>
/// <remarks>
/// <code>
/// blobs/ab/cdef...   the file whose SHA-256 is abcdef..., 64 hexadecimal digits
/// </code>
/// 1. A file under its name is complete and on the disk; nobody changes it.
/// 2. A blob goes when neither a version names it nor a deploy under way holds it (<see cref="StoreHold"/>).
/// </remarks>
internal sealed class BlobStore(DataFolder folder)
{
    private const int DigestLength = 64;
    private const int BufferBytes = 128 << 10;

    private readonly HeldNames _held = new();

    /// <summary>Starts to hold blobs.</summary>
    public StoreHold Hold() => new(_held);

    /// <summary>Path of a blob, which may not be there.</summary>
    public string PathOf(string digest)
    {
        if (!IsDigest(digest))
        {
            throw new ArgumentException("not a digest", nameof(digest));
        }

        return Path.Combine(folder.Blobs, digest[..2], digest[2..]);
    }

    /// <summary>Keeps what a stream holds, from where it stands to its end.</summary>
    /// <param name="source">The stream.</param>
    /// <param name="hold">Keeps the blob alive until a version names it.</param>
    /// <returns>Its digest and its length.</returns>
    public (string Digest, long Bytes) Add(Stream source, StoreHold hold)
    {
        string unfinished = folder.NewIncoming();
        try
        {
            string digest;
            long bytes;
            using (FileStream target = DurableFile.Create(unfinished))
            {
                (digest, bytes) = Copy(source, target);
                target.Flush(flushToDisk: true);
            }

            // Held before it is looked for: from here on it does not go away.
            hold.Add(digest);
            string path = PathOf(digest);
            string parent = Path.GetDirectoryName(path)!;
            if (!File.Exists(path) || !Check(digest))
            {
                DurableFile.CreateFolder(parent);
                File.SetUnixFileMode(unfinished, UnixFileMode.UserRead);
                File.Move(unfinished, path, overwrite: true);
            }

            // Also when it was there: another deploy may have put it there and not have synced the name yet.
            hold.Changed(parent);
            return (digest, bytes);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    /// <summary>Whether a blob is there and is what its name says.</summary>
    public bool Check(string digest) => IsIn(PathOf(digest), digest);

    /// <summary>Whether a file is there and has a digest.</summary>
    public static bool IsIn(string path, string digest)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            return Convert.ToHexStringLower(SHA256.HashData(file)) == digest;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>The bytes of a blob.</summary>
    /// <exception cref="IOException">It is gone or damaged.</exception>
    public byte[] Read(string digest)
    {
        byte[] bytes = File.ReadAllBytes(PathOf(digest));
        return Convert.ToHexStringLower(SHA256.HashData(bytes)) == digest
            ? bytes
            : throw new IOException($"blob {digest} is damaged");
    }

    /// <summary>Deletes blobs that nobody needs.</summary>
    /// <param name="digests">Which may go.</param>
    /// <param name="isNamed">Whether a version names it.</param>
    /// <returns>How many went.</returns>
    public int Collect(IEnumerable<string> digests, Func<string, bool> isNamed) =>
        digests.Count(digest => _held.Delete(digest, isNamed, PathOf(digest)));

    /// <summary>The digests of all blobs; deletes what is none.</summary>
    public IEnumerable<string> All()
    {
        foreach (string parent in Directory.EnumerateDirectories(folder.Blobs))
        {
            foreach (string path in Directory.EnumerateFiles(parent))
            {
                string digest = Path.GetFileName(parent) + Path.GetFileName(path);
                if (IsDigest(digest))
                {
                    yield return digest;
                }
            }
        }
    }

    public static bool IsDigest(string text) => text.Length == DigestLength && text.All(char.IsAsciiHexDigitLower);

    private static (string Digest, long Bytes) Copy(Stream source, FileStream target)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            long total = 0;
            int count;
            while ((count = source.Read(buffer)) > 0)
            {
                hash.AppendData(buffer, 0, count);
                target.Write(buffer, 0, count);
                total += count;
            }

            return (Convert.ToHexStringLower(hash.GetHashAndReset()), total);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
