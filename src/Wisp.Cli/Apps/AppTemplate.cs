using System.Reflection;
using System.Text;

namespace Wisp.Cli.Apps;

// The files of Templates/LANGUAGE are resources of this program, under the name "templates/LANGUAGE/FILE". In each, @NAME@ stands for
// the app's name and @CRATE@ for the name that Rust makes of it. A file "gitignore" becomes ".gitignore".

/// <summary>The apps that <c>wisp new</c> starts from.</summary>
internal static class AppTemplate
{
    private const string Prefix = "templates/";

    private static readonly Assembly Resources = typeof(AppTemplate).Assembly;

    /// <summary>The languages, in alphabetical order.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Resources.GetManifestResourceNames()
        .Where(resource => resource.StartsWith(Prefix, StringComparison.Ordinal))
        .Select(resource => resource[Prefix.Length..resource.IndexOf('/', Prefix.Length)])
        .Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Writes an app.</summary>
    /// <param name="template">One of the names.</param>
    /// <param name="app">The app's name.</param>
    /// <param name="folder">The folder to make.</param>
    public static void Write(string template, string app, string folder)
    {
        string prefix = $"{Prefix}{template}/";
        foreach (string resource in Resources.GetManifestResourceNames().Where(resource => resource.StartsWith(prefix, StringComparison.Ordinal)))
        {
            string file = Path.Combine(folder, resource[prefix.Length..]);
            file = Path.GetFileName(file) == "gitignore" ? Path.Combine(folder, ".gitignore") : file;
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            using var reader = new StreamReader(Resources.GetManifestResourceStream(resource)!, Encoding.UTF8);
            File.WriteAllText(file, reader.ReadToEnd()
                .Replace("@NAME@", app, StringComparison.Ordinal)
                .Replace("@CRATE@", app.Replace('-', '_'), StringComparison.Ordinal));
        }
    }
}
