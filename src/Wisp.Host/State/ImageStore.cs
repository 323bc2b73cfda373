using System.Security.Cryptography;
using System.Text;
using Wisp.Abi.Images;

namespace Wisp.Host.State;

/// <summary>Machine code by what it was made from. Thread safe.</summary>
/// <remarks>
/// <code>
/// images/NAME.wisp     NAME = SHA-256 of the module's digest and of what else decides the image's contents
/// </code>
/// An image that another compiler or processor made, or that is damaged, is made again under the same name: who has the old one mapped
/// keeps it. So everything here may be deleted at any time.
/// </remarks>
internal sealed class ImageStore(DataFolder folder, Engine engine)
{
    private const string Extension = ".wisp";

    private readonly HeldNames _held = new();

    /// <summary>Starts to hold images.</summary>
    public StoreHold Hold() => new(_held);

    public string PathOf(string name) => BlobStore.IsDigest(name)
        ? Path.Combine(folder.Images, name + Extension)
        : throw new ArgumentException("not a name of an image", nameof(name));

    /// <summary>Names the image of a module.</summary>
    /// <param name="module">Digest of the module.</param>
    /// <param name="snapshot">What a snapshot of it depends on besides, or null for code alone.</param>
    public static string NameOf(string module, string? snapshot = null) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"image\0{module}\0{snapshot}")));

    /// <summary>Whether an image is there, whole, and runs on this machine with this engine.</summary>
    public bool IsUsable(string name)
    {
        try
        {
            Module.FromImage(engine, PathOf(name)).Dispose();
            return true;
        }
        catch (Exception unusable) when (unusable is ImageException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Keeps an image.</summary>
    public void Write(string name, ReadOnlySpan<byte> image)
    {
        DurableFile.Write(PathOf(name), image, folder.NewIncoming());
    }

    /// <summary>Deletes images that nobody needs.</summary>
    public int Collect(IEnumerable<string> names, Func<string, bool> isNamed) =>
        names.Count(name => _held.Delete(name, isNamed, PathOf(name)));

    /// <summary>The names of all images.</summary>
    public IEnumerable<string> All() => Directory.EnumerateFiles(folder.Images)
        .Select(path => Path.GetFileNameWithoutExtension(path)).Where(BlobStore.IsDigest);
}
