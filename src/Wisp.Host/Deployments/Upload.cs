using System.Security.Cryptography;
using Wisp.Host.Bundles;
using Wisp.Host.State;

namespace Wisp.Host.Deployments;

/// <summary>A bundle on its way in, kept in a file until it is known to be what was announced.</summary>
internal sealed class Upload : IDisposable
{
    private const int BufferBytes = 128 << 10;

    private readonly string _path;

    private Upload(string path) => _path = path;

    /// <summary>SHA-256 of what came, in hex.</summary>
    public string Digest { get; private set; } = string.Empty;

    /// <summary>Receives a bundle.</summary>
    /// <exception cref="DeployException">It is too large.</exception>
    public static async Task<Upload> ReceiveAsync(
        DataFolder folder, Stream bundle, long maxBytes, IProgress<DeployStep> progress, CancellationToken cancellationToken)
    {
        var upload = new Upload(folder.NewIncoming());
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            FileStream file = DurableFile.Create(upload._path);
            await using (file.ConfigureAwait(false))
            {
                byte[] buffer = new byte[BufferBytes];
                long total = 0;
                int count;
                while ((count = await bundle.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
                {
                    total += count;
                    if (total > maxBytes)
                    {
                        throw new DeployException("bundle-too-large", $"the bundle is larger than {maxBytes >> 20} MiB");
                    }

                    hash.AppendData(buffer, 0, count);
                    await file.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
                    progress.Report(new DeployStep("upload", null, total, null));
                }
            }

            upload.Digest = Convert.ToHexStringLower(hash.GetHashAndReset());
            return upload;
        }
        catch
        {
            upload.Dispose();
            throw;
        }
    }

    /// <summary>Takes the bundle apart into blobs.</summary>
    /// <exception cref="DeployException">It is no bundle.</exception>
    public IReadOnlyList<VersionFile> Unpack(BlobStore blobs, StoreHold hold, BundleLimits limits, CancellationToken cancellationToken)
    {
        var files = new List<VersionFile>();
        try
        {
            using FileStream file = File.OpenRead(_path);
            using var reader = new BundleReader(file, limits);
            reader.ReadAll((name, _, contents) =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                (string digest, long bytes) = blobs.Add(contents, hold);
                files.Add(new VersionFile(name, digest, bytes));
            });
            return files;
        }
        catch (BundleException exception)
        {
            throw new DeployException("bad-bundle", $"the bundle cannot be used: {exception.Message}");
        }
    }

    public void Dispose() => File.Delete(_path);
}
