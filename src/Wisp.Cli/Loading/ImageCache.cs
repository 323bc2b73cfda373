using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using Wisp.Abi;
using Wisp.Abi.Images;
using Wisp.Compiler;

namespace Wisp.Cli.Loading;

// The user's images of modules that ran before:
//
//   $XDG_CACHE_HOME/wisp/images/KEY.wisp       an image; KEY is 32 hexadecimal digits
//   $XDG_CACHE_HOME/wisp/images/new-RANDOM     an image being written
//
// 1. KEY covers everything that decides an image's bytes: the module, the code's options, and the build of the compiler.
// 2. A file named KEY.wisp is complete: it is written under another name, then renamed. Nobody changes it afterwards.
// 3. So processes need no lock. Two that compile the same module write the same bytes, and the second rename changes nothing.
// 4. Deleting any file at any time is safe: who has it mapped keeps it, everyone else compiles again.

/// <summary>Compiled images kept in the user's cache folder.</summary>
internal sealed class ImageCache
{
    /// <summary>Past this the images not used for longest are deleted.</summary>
    public const long DefaultMaxBytes = 1L << 30;

    private const string Extension = ".wisp";
    private const string Unfinished = "new-";
    private static readonly TimeSpan TouchAfter = TimeSpan.FromHours(1);
    private static readonly TimeSpan UnfinishedLifetime = TimeSpan.FromHours(1);

    private readonly string _folder;
    private readonly long _maxBytes;

    public ImageCache(string folder, long maxBytes = DefaultMaxBytes)
    {
        _folder = folder;
        _maxBytes = maxBytes;
    }

    /// <summary>The cache of the user that runs this process, or null when there is no place for one.</summary>
    public static ImageCache? OfUser()
    {
        // https://specifications.freedesktop.org/basedir-spec: a relative path is to be ignored.
        string? root = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (string.IsNullOrEmpty(root) || !Path.IsPathRooted(root))
        {
            string? home = Environment.GetEnvironmentVariable("HOME");
            root = string.IsNullOrEmpty(home) || !Path.IsPathRooted(home) ? null : Path.Combine(home, ".cache");
        }

        return root is null ? null : new ImageCache(Path.Combine(root, "wisp", "images"));
    }

    /// <summary>Names the image of a module.</summary>
    /// <param name="module">The module's bytes.</param>
    /// <param name="options">What its code may use.</param>
    public static string KeyOf(ReadOnlySpan<byte> module, CodeOptions options)
    {
        var hash = new XxHash128();
        hash.Append(module);
        ReadOnlySpan<ulong> rest = [CodeFingerprint.Current, (ulong)options.Features, (ulong)options.Bounds];
        hash.Append(MemoryMarshal.AsBytes(rest));

        // Builds are deterministic, so a module version id stands for the source of the compiler: while the compiler is being
        // worked on, no image outlives the build that made it.
        hash.Append(typeof(CompiledModule).Module.ModuleVersionId.ToByteArray());
        hash.Append(typeof(CodeImage).Module.ModuleVersionId.ToByteArray());
        return hash.GetCurrentHashAsUInt128().ToString("x32", CultureInfo.InvariantCulture);
    }

    /// <summary>The path of an image, if it is there. It may be gone, or damaged, when it is opened.</summary>
    public string? Find(string key)
    {
        string path = PathOf(key);
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            return null;
        }

        try
        {
            // The time of the last use, for eviction; access times may be off on this file system.
            if (DateTime.UtcNow - file.LastWriteTimeUtc > TouchAfter)
            {
                file.LastWriteTimeUtc = DateTime.UtcNow;
            }
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            // A cache that may only be read still serves.
        }

        return path;
    }

    /// <summary>Keeps an image.</summary>
    /// <returns>Why it could not be kept, or null.</returns>
    public string? Store(string key, ReadOnlySpan<byte> image)
    {
        // Not the process id: two containers that share the folder may have the same.
        string unfinished = Path.Combine(_folder, $"{Unfinished}{Guid.NewGuid():n}");
        try
        {
            // An image is machine code that its user runs: nobody else may write here.
            Directory.CreateDirectory(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            File.WriteAllBytes(unfinished, image);
            File.Move(unfinished, PathOf(key), overwrite: true);
            Evict();
            return null;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            Delete(unfinished);
            return refused.Message;
        }
    }

    /// <summary>Forgets an image.</summary>
    public void Remove(string key) => Delete(PathOf(key));

    private static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            // What cannot be deleted is overwritten or evicted another time.
        }
    }

    private string PathOf(string key) => Path.Combine(_folder, key + Extension);

    private void Evict()
    {
        FileInfo[] files = new DirectoryInfo(_folder).GetFiles();
        DateTime now = DateTime.UtcNow;
        long total = 0;
        foreach (FileInfo file in files)
        {
            // Left behind by a process that was killed.
            if (file.Name.StartsWith(Unfinished, StringComparison.Ordinal) && now - file.LastWriteTimeUtc > UnfinishedLifetime)
            {
                Delete(file.FullName);
            }
            else
            {
                total += LengthOf(file);
            }
        }

        foreach (FileInfo file in files.Where(file => file.Extension == Extension).OrderBy(file => file.LastWriteTimeUtc))
        {
            if (total <= _maxBytes)
            {
                break;
            }

            total -= LengthOf(file);
            Delete(file.FullName);
        }
    }

    private static long LengthOf(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            return 0;   // another process evicted it meanwhile
        }
    }
}
