using System.IO.Compression;
using Wisp.Permissions;

namespace Wisp.Host.Bundles;

/// <summary>Takes a bundle apart: gzip'd tar with files and folders. Trusts nothing that stands in it.</summary>
/// <remarks>
/// 1. Names are relative, without <c>.</c> and <c>..</c>, and different from each other also for who does not tell cases apart; no file is
/// another's folder. So joined to a folder they stay in it.
/// 2. No more is read or given out than the limits say, whatever the headers say.
/// 3. An archive that ends early is refused, in the last case when its end is read; the files before it were given out by then.
/// </remarks>
internal sealed class BundleReader : IDisposable
{
    private readonly BundleLimits _limits;
    private readonly CountedStream _packed;
    private readonly GZipStream _tar;
    private readonly byte[] _block = new byte[TarHeader.BlockBytes];
    private readonly Dictionary<string, (string Spelling, bool IsFolder)> _names = new(StringComparer.OrdinalIgnoreCase);
    private int _entries;
    private long _unpacked;

    public BundleReader(Stream bundle, BundleLimits limits)
    {
        _limits = limits;
        _packed = new CountedStream(bundle);
        _tar = new GZipStream(_packed, CompressionMode.Decompress, leaveOpen: true);
    }

    /// <summary>Gives out the files.</summary>
    /// <param name="take">Takes a file: its name, its length, and its bytes, to be read during the call.</param>
    /// <exception cref="BundleException">It is no bundle, or a limit is reached.</exception>
    public void ReadAll(Action<string, long, Stream> take)
    {
        while (ReadHeader() is TarHeader header)
        {
            string name = header.IsFolder ? header.Name.TrimEnd('/') : header.Name;
            if (header.IsFolder && name is "." or "")
            {
                continue;
            }

            name = name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name;   // as tar writes them
            CheckName(name, header.IsFolder);
            if (header.IsFolder)
            {
                continue;
            }

            if (header.Bytes > _limits.UnpackedBytes - _unpacked)
            {
                throw TooLarge();
            }

            using var contents = new EntryStream(this, header.Bytes);
            take(name, header.Bytes, contents);
            contents.Skip();
            Skip((int)(-header.Bytes & (TarHeader.BlockBytes - 1)));
        }
    }

    public void Dispose()
    {
        _tar.Dispose();
        _packed.Dispose();
    }

    private TarHeader? ReadHeader()
    {
        ReadBlock();
        if (_block.AsSpan().ContainsAnyExcept((byte)0))
        {
            return ++_entries > _limits.Entries
                ? throw TooMany()
                : TarHeader.Read(_block);
        }

        ReadBlock();
        int count;
        do
        {
            // tar fills its last record up with zeros.
            if (_block.AsSpan().ContainsAnyExcept((byte)0))
            {
                throw new BundleException("something behind the end of the archive");
            }

            count = ReadUnpacked(_block);
            _block.AsSpan(count).Clear();
        }
        while (count > 0);
        return null;
    }

    private void CheckName(string name, bool isFolder)
    {
        if (BundleName.FaultOf(name) is string fault)
        {
            throw new BundleException(fault);
        }

        for (int slash = name.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = name.IndexOf('/', slash + 1))
        {
            AddName(name[..slash], isFolder: true);
        }

        AddName(name, isFolder);
    }

    private void AddName(string name, bool isFolder)
    {
        if (_names.TryAdd(name, (name, isFolder)))
        {
            // Folders that names imply cost as much as those that have an entry.
            if (_names.Count > _limits.Entries)
            {
                throw TooMany();
            }

            return;
        }

        // A folder may be mentioned often, but in one spelling: on the disk two spellings are two folders.
        (string spelling, bool isFolderToo) = _names[name];
        if (!isFolder || !isFolderToo || spelling != name)
        {
            throw new BundleException($"{GuestText.Quote(name)} is there twice, as a file and a folder, or in two spellings");
        }
    }

    private void ReadBlock()
    {
        if (ReadUnpacked(_block) != TarHeader.BlockBytes)
        {
            throw new BundleException("the archive ends early");
        }
    }

    private void Skip(int bytes)
    {
        if (ReadUnpacked(_block.AsSpan(0, bytes)) != bytes)
        {
            throw new BundleException("the archive ends early");
        }
    }

    /// <summary>Fills a buffer as far as there is something, and keeps the limits.</summary>
    private int ReadUnpacked(Span<byte> buffer)
    {
        int count;
        try
        {
            count = _tar.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        }
        catch (InvalidDataException exception)
        {
            throw new BundleException("not gzip, or damaged", exception);
        }

        _unpacked += count;
        if (_packed.Bytes > _limits.PackedBytes)
        {
            throw new BundleException($"larger than {_limits.PackedBytes >> 20} MiB");
        }

        if (_unpacked > _limits.UnpackedBytes + ((long)_limits.Entries * TarHeader.BlockBytes * 2)
            || (_unpacked > _limits.FreeBytes && _unpacked / _limits.Ratio > _packed.Bytes))
        {
            throw TooLarge();
        }

        return count;
    }

    private BundleException TooMany() => new($"more than {_limits.Entries} files and folders");

    private BundleException TooLarge() => new(
        $"its files together are larger than {_limits.UnpackedBytes >> 20} MiB, or {_limits.Ratio} times what was sent");

    /// <summary>Counts what is read of a bundle as it was sent.</summary>
    private sealed class CountedStream(Stream inner) : ReadOnlyStream
    {
        public long Bytes { get; private set; }

        public override int Read(Span<byte> buffer)
        {
            int count = inner.Read(buffer);
            Bytes += count;
            return count;
        }
    }

    /// <summary>The bytes of one file.</summary>
    private sealed class EntryStream(BundleReader reader, long bytes) : ReadOnlyStream
    {
        private long _left = bytes;

        public override int Read(Span<byte> buffer)
        {
            int wanted = (int)Math.Min(buffer.Length, _left);
            if (wanted == 0)
            {
                return 0;
            }

            if (reader.ReadUnpacked(buffer[..wanted]) != wanted)
            {
                throw new BundleException("the archive ends early");
            }

            _left -= wanted;
            return wanted;
        }

        /// <summary>Reads what nobody wanted.</summary>
        public void Skip()
        {
            Span<byte> rest = stackalloc byte[TarHeader.BlockBytes];
            while (Read(rest) > 0)
            {
            }
        }
    }
}
