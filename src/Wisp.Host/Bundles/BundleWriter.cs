using System.IO.Compression;

namespace Wisp.Host.Bundles;

/// <summary>Writes a bundle: gzip'd tar, in which nothing depends on when, where or by whom it was made. Files are given in the order of
/// their names.</summary>
internal sealed class BundleWriter : IDisposable
{
    private readonly GZipStream _tar;
    private readonly byte[] _block = new byte[TarHeader.BlockBytes];

    /// <summary>Starts a bundle.</summary>
    /// <param name="target">Where it goes; stays open.</param>
    public BundleWriter(Stream target) => _tar = new GZipStream(target, CompressionLevel.Optimal, leaveOpen: true);

    public void Add(string name, Stream contents, long bytes)
    {
        if (BundleName.FaultOf(name) is string fault)
        {
            throw new BundleException(fault);
        }

        TarHeader.Write(_block, name, bytes);
        _tar.Write(_block);
        long left = bytes;
        byte[] buffer = new byte[64 << 10];
        while (left > 0)
        {
            int count = contents.Read(buffer, 0, (int)Math.Min(buffer.Length, left));
            if (count == 0)
            {
                throw new BundleException($"{name}: became shorter while it was read");
            }

            _tar.Write(buffer, 0, count);
            left -= count;
        }

        _block.AsSpan().Clear();
        _tar.Write(_block, 0, (int)(-bytes & (TarHeader.BlockBytes - 1)));
    }

    /// <summary>Writes the end. Without it the bundle is refused.</summary>
    public void Finish()
    {
        _block.AsSpan().Clear();
        _tar.Write(_block);
        _tar.Write(_block);
        _tar.Flush();
    }

    public void Dispose() => _tar.Dispose();
}
