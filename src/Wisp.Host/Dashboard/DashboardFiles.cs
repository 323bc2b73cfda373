using System.Collections.Frozen;
using System.Reflection;
using System.Security.Cryptography;

namespace Wisp.Host.Dashboard;

// Resources are named as in the csproj: "dashboard/index.html", "dashboard/assets/main.js". They are read once, at the first
// request; later ones allocate nothing here.

/// <summary>The files of the dashboard, by the path of a request. Thread safe.</summary>
internal static class DashboardFiles
{
    private const string ResourcePrefix = "dashboard";
    private const string Index = "/index.html";

    private static readonly Lazy<FrozenDictionary<string, DashboardFile>> Files = new(Load);

    /// <summary>Every file, in no order.</summary>
    public static IReadOnlyCollection<DashboardFile> All => Files.Value.Values;

    /// <summary>The file at a path, or null. Paths are compared exactly: nothing is decoded and no dots are followed.</summary>
    public static DashboardFile? Find(string? path) => path is null ? null : Files.Value.GetValueOrDefault(path);

    private static FrozenDictionary<string, DashboardFile> Load()
    {
        Assembly assembly = typeof(DashboardFiles).Assembly;
        var files = new Dictionary<string, DashboardFile>(StringComparer.Ordinal);
        foreach (string name in assembly.GetManifestResourceNames())
        {
            if (name.StartsWith(ResourcePrefix + "/", StringComparison.Ordinal))
            {
                byte[] bytes = Read(assembly, name);
                string path = name[ResourcePrefix.Length..];
                path = path == Index ? "/" : path;
                string tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 12))}\"";
                files.Add(path, new DashboardFile(path, bytes, TypeOf(name), tag));
            }
        }

        return files.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static byte[] Read(Assembly assembly, string name)
    {
        using Stream stream = assembly.GetManifestResourceStream(name)!;
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        string other => throw new InvalidOperationException($"no content type for {name}: {other}"),
    };
}
