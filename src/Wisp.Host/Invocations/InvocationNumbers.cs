using System.Globalization;

namespace Wisp.Host.Invocations;

// The file says up to which number some may have been used. It is written before the first of a block is, and once more at the end;
// after a crash the numbers go on behind the block.

/// <summary>Numbers invocations from 1. Who writes to one log shares one of these. Thread safe.</summary>
internal sealed class InvocationNumbers : IDisposable
{
    /// <summary>Numbers that are taken from the file at once.</summary>
    public const long Block = 100_000;

    private readonly Lock _lock = new();
    private readonly string? _path;
    private long _last;
    private long _reserved = long.MaxValue;

    /// <summary>Numbers of this process alone.</summary>
    public InvocationNumbers()
    {
    }

    /// <summary>Numbers that go on where those of a process before ended, so that a log has none twice.</summary>
    /// <param name="path">A file that is written again and again; made with the first number.</param>
    public InvocationNumbers(string path)
    {
        _path = path;
        _last = _reserved = Read(path);
    }

    public long Next()
    {
        long number = Interlocked.Increment(ref _last);
        if (number > Volatile.Read(ref _reserved))
        {
            Reserve(number);
        }

        return number;
    }

    /// <summary>Nothing is numbered any more: the next process goes on right behind.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_path is not null && _reserved > _last)
            {
                Write(_path, _last);
            }
        }
    }

    private void Reserve(long number)
    {
        lock (_lock)
        {
            if (number > _reserved)
            {
                Write(_path!, number + Block);
                Volatile.Write(ref _reserved, number + Block);   // also when it could not be written: numbers matter less than requests
            }
        }
    }

    private static long Read(string path)
    {
        try
        {
            return long.TryParse(File.ReadAllText(path), NumberStyles.None, CultureInfo.InvariantCulture, out long last) && last < long.MaxValue / 2 ? last : 0;
        }
        catch (Exception none) when (none is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    private static void Write(string path, long number)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path + ".new", number.ToString(CultureInfo.InvariantCulture));
            File.Move(path + ".new", path, overwrite: true);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            // Numbers may come again after a restart, which makes a log harder to read and nothing else wrong.
        }
    }
}
