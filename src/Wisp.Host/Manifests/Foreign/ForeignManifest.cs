using Wisp.Host.Routing;
using Wisp.Permissions;

namespace Wisp.Host.Manifests.Foreign;

/// <summary>What the readers of other tools' manifests have in common: they take what can be done here, and say what they leave out.</summary>
internal sealed class ForeignManifest
{
    private readonly List<string> _leftOut = [];
    private readonly RouteTable<TomlTable> _routes = new();

    private ForeignManifest(string path, ManifestFaults faults, TomlTable root)
    {
        Path = path;
        Folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!;
        Faults = faults;
        Root = root;
    }

    public string Path { get; }

    public string Folder { get; }

    public ManifestFaults Faults { get; }

    public TomlTable Root { get; }

    public IReadOnlyList<string> LeftOut => _leftOut;

    /// <summary>Reads a file.</summary>
    /// <exception cref="ManifestException">It is no TOML.</exception>
    public static ForeignManifest Open(string path)
    {
        var faults = new ManifestFaults(path);
        TomlTable root = TomlDocument.ReadFile(path, faults);
        faults.ThrowIfAny();
        return new ForeignManifest(path, faults, root);
    }

    /// <summary>Says that something will not be there.</summary>
    public void Leave(TomlPosition position, string what) =>
        _leftOut.Add($"{Path}:{position.Line}:{position.Column}: left out: {what}");

    /// <summary>Says so of each key of a table that is none of those that are understood.</summary>
    /// <param name="table">The table.</param>
    /// <param name="understood">Keys that are taken, or mean nothing to a run.</param>
    public void LeaveOthers(TomlTable table, params ReadOnlySpan<string> understood)
    {
        foreach (TomlEntry entry in table.Entries)
        {
            if (!understood.Contains(entry.Key))
            {
                Leave(entry.Position, GuestText.Escape(entry.Key));
            }
        }
    }

    /// <summary>The tables of a list; what is there in another shape is a fault.</summary>
    public IEnumerable<TomlTable> Tables(TomlTable table, string key)
    {
        if (table.TryFind(key, out TomlEntry? entry) && entry.Value is not TomlArray)
        {
            Faults.Add(entry.Value.Position, $"{key}: expected [[{key}]]");
        }

        return table.Items(key).OfType<TomlTable>();
    }

    /// <summary>A text that must be there.</summary>
    public string? Required(TomlTable table, string key)
    {
        if (table.Text(key) is not { Length: > 0 } text)
        {
            Faults.Add(table.PositionOf(key), $"the key {key} must be there, as a text");
            return null;
        }

        return text;
    }

    /// <summary>Reads a route and sees that no other takes the same paths.</summary>
    public RoutePattern? Route(TomlTable table, string text)
    {
        string written = text.Length > 1 ? text.TrimEnd('/') : text;
        if (!RoutePattern.TryParse(written.Length == 0 ? "/" : written, out RoutePattern? pattern, out string? fault))
        {
            Faults.Add(table.PositionOf("route"), $"route: {fault}");
            return null;
        }

        if (_routes.Add(pattern, [], table) is TomlTable other)
        {
            Faults.Add(table.PositionOf("route"), $"route {GuestText.Quote(text)} is that of line {other.PositionOf("route").Line}");
        }

        return pattern;
    }

    /// <summary>Adds environment variables with their values.</summary>
    public void AddEnvironment(GrantBuilder grant, TomlTable component)
    {
        foreach (TomlEntry entry in component.Table("environment")?.Entries ?? [])
        {
            if (entry.Value is TomlText text && EnvironmentGrant.TryParse($"{entry.Key}={text.Value}", out EnvironmentGrant? variable, out _))
            {
                grant.AddEnvironment(variable.Name, variable.Value);
            }
            else
            {
                Leave(entry.Position, $"environment variable {GuestText.Quote(entry.Key)}: its value is no text");
            }
        }
    }

    /// <summary>Adds hosts that may be connected to.</summary>
    public void AddHosts(GrantBuilder grant, TomlTable component, string key)
    {
        foreach (TomlNode item in component.Items(key))
        {
            // "*" as a scheme is no scheme here.
            string text = (item as TomlText)?.Value ?? string.Empty;
            string rule = text.StartsWith("*://", StringComparison.Ordinal) ? text[4..] : text.TrimEnd('/');
            if (NetworkRule.TryParse(rule, out NetworkRule? parsed, out _) && !parsed.Denies && parsed.Direction == NetworkDirection.Connect)
            {
                grant.AddNetwork(parsed);
            }
            else
            {
                Leave(item.Position, $"{key}: {GuestText.Quote(text)} is no rule that could be granted");
            }
        }
    }

    /// <summary>A name that can stand in logs, made of any text.</summary>
    public static string Slug(string text)
    {
        string name = string.Concat(text.ToLowerInvariant().Select(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) ? c : '-')).Trim('-');
        return name.Length == 0 ? "app" : name[..Math.Min(name.Length, 63)];
    }
}
