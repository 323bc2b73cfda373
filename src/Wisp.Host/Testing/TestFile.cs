using System.Text;
using Wisp.Host.Manifests;
using Wisp.Host.Requests;

namespace Wisp.Host.Testing;

/// <summary>Reads the test cases of an app.</summary>
internal static class TestFile
{
    /// <summary>The folder of an app where its tests lie.</summary>
    public const string Folder = "tests";

    /// <summary>Reads a file of cases.</summary>
    /// <exception cref="ManifestException">It is not what it must be.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static IReadOnlyList<TestCase> Read(string path)
    {
        var faults = new ManifestFaults(path);
        TomlTable root = TomlDocument.ReadFile(path, faults);
        faults.ThrowIfAny();
        new ManifestChecker(faults).Check(root, ManifestKeys.Tests);
        faults.ThrowIfAny();
        return [.. root.Items("test").Cast<TomlTable>().Select(table => ReadCase(path, table))];
    }

    private static TestCase ReadCase(string path, TomlTable table)
    {
        TomlTable request = table.Table("request")!;
        TomlTable expect = table.Table("expect")!;
        return new TestCase(table.Text("name")!, $"{path}:{table.Position.Line}", new AppRequest(
            request.Text("method") ?? "GET",
            request.Text("path")!,
            Texts(request.Table("headers")),
            Encoding.UTF8.GetBytes(request.Text("body") ?? string.Empty)))
        {
            Status = (int)(expect.Integer("status") ?? 200),
            Headers = Texts(expect.Table("headers")),
            Body = expect.Text("body"),
            Contains = [.. expect.Items("contains").OfType<TomlText>().Select(text => text.Value)],
        };
    }

    private static List<KeyValuePair<string, string>> Texts(TomlTable? table) =>
        [.. table?.Entries.Select(entry => KeyValuePair.Create(entry.Key, ((TomlText)entry.Value).Value)) ?? []];
}
