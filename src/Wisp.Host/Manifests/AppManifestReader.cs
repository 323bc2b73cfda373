using Wisp.Host.Cron;
using Wisp.Host.Routing;
using Wisp.Permissions;

namespace Wisp.Host.Manifests;

/// <summary>Reads <c>wisp.toml</c>: first each table by itself, then what they say about each other.</summary>
internal sealed partial class AppManifestReader
{
    /// <summary>The name of an app's manifest.</summary>
    public const string FileName = "wisp.toml";

    private const int MaxRoutes = 10_000;
    private const int MaxNames = 1000;   // components; variables

    private readonly string _folder;
    private readonly string? _storage;   // null where the app runs from its folder
    private readonly ManifestFaults _faults;
    private readonly TomlTable _root;

    private AppManifestReader(string folder, string? storage, ManifestFaults faults, TomlTable root)
    {
        _folder = folder;
        _storage = storage;
        _faults = faults;
        _root = root;
    }

    /// <summary>Reads a manifest.</summary>
    /// <param name="path">Where it is; its folder is the app's.</param>
    /// <param name="storage">On a server, where relative directories of <c>permissions.fs</c> begin, and no path leads over links; null for the
    /// app's folder.</param>
    /// <exception cref="ManifestException">It is not what it must be.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static AppManifest ReadFile(string path, string? storage = null)
    {
        var faults = new ManifestFaults(path);
        TomlTable root = TomlDocument.ReadFile(path, faults);
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return Read(root, folder, storage, faults);
    }

    /// <summary>Reads the text of a manifest.</summary>
    public static AppManifest ReadText(string text, string folder)
    {
        var faults = new ManifestFaults(FileName);
        return Read(TomlDocument.Read(text, faults), folder, null, faults);
    }

    private static AppManifest Read(TomlTable root, string folder, string? storage, ManifestFaults faults)
    {
        // Where the text is no TOML, what its tables mean is a guess.
        faults.ThrowIfAny();
        new ManifestChecker(faults).Check(root, ManifestKeys.App);
        var reader = new AppManifestReader(folder, storage, faults, root);
        reader.CheckCounts();
        AppManifest app = reader.ReadApp();
        faults.ThrowIfAny();
        return app;
    }

    /// <summary>Bounds what is read, before tables are held against each other.</summary>
    private void CheckCounts()
    {
        TomlTable? triggers = _root.Table("trigger");
        bool isBounded = IsBounded("component", _root.Table("component")?.Entries.Count, MaxNames, "components")
            & IsBounded("variables", _root.Table("variables")?.Entries.Count, MaxNames, "variables")
            & IsBounded("trigger", triggers?.Items("http").Count, MaxRoutes, "routes")
            & IsBounded("trigger", triggers?.Items("cron").Count, MaxRoutes, "schedules");
        if (!isBounded)
        {
            _faults.ThrowIfAny();
        }
    }

    private bool IsBounded(string key, int? count, int most, string what)
    {
        bool isBounded = count is not int number || number <= most;
        if (!isBounded)
        {
            _faults.Add(_root.PositionOf(key), $"more than {most} {what}");
        }

        return isBounded;
    }

    private AppManifest ReadApp()
    {
        TomlTable? application = _root.Table("application");
        List<VariableDeclaration> variables = ReadVariables();
        List<ComponentManifest> components = ReadComponents();
        if (_root.TryFind("trigger", out TomlEntry? trigger) && !TriggersOf("http").Any() && !TriggersOf("cron").Any()
            && trigger.Value is TomlTable { IsIncomplete: false })
        {
            _faults.Add(trigger.Position, "no [[trigger.http]] and no [[trigger.cron]]: nothing would ever run");
        }

        return new AppManifest(_folder, application?.Text("name") ?? string.Empty, application?.Text("version"))
        {
            Hosts = [.. TextsOf(application?.Items("hosts") ?? []).Distinct()],
            Health = application?.Text("health"),
            Variables = variables,
            Components = components,
            Http = ReadHttp(),
            Cron = ReadCron(),
        };
    }

    private List<VariableDeclaration> ReadVariables()
    {
        var variables = new List<VariableDeclaration>();
        foreach (TomlEntry entry in _root.Table("variables")?.Entries ?? [])
        {
            if (entry.Value is TomlText text)
            {
                variables.Add(new VariableDeclaration(entry.Key, text.Value, IsRequired: false, IsSecret: false));
                continue;
            }

            var table = (TomlTable)entry.Value;
            bool isRequired = table.Flag("required") ?? false;
            if (isRequired == table.TryFind("default", out _))
            {
                _faults.Add(entry.Position, $"variable {entry.Key}: either a default or required = true");
            }

            variables.Add(new VariableDeclaration(entry.Key, table.Text("default"), isRequired, table.Flag("secret") ?? false));
        }

        return variables;
    }

    private List<HttpTrigger> ReadHttp()
    {
        var triggers = new List<HttpTrigger>();
        var routes = new RouteTable<TomlTable>();
        foreach (TomlTable table in TriggersOf("http"))
        {
            StaticResponse? response = ReadResponse(table.Table("response"));
            string? component = table.Text("component");
            if (component is not null == response is not null && !table.IsIncomplete)
            {
                _faults.Add(table.Position, "[[trigger.http]] has either a component or a response");
            }

            CheckComponent(table, component);
            string[] methods = [.. table.Items("methods").OfType<TomlText>().Select(method => method.Value)];
            if (methods.Distinct().Count() != methods.Length)
            {
                _faults.Add(table.PositionOf("methods"), "a method stands twice");
            }

            if (table.Text("route") is string route && RoutePattern.TryParse(route, out RoutePattern? pattern, out _))
            {
                if (routes.Add(pattern, methods, table) is TomlTable other)
                {
                    _faults.Add(table.PositionOf("route"), $"route {GuestText.Quote(route)} takes requests that "
                        + $"{GuestText.Quote(other.Text("route")!)} in line {other.PositionOf("route").Line} takes");
                }

                triggers.Add(new HttpTrigger(pattern, methods, component, response));
            }
        }

        return triggers;
    }

    private StaticResponse? ReadResponse(TomlTable? table)
    {
        if (table is null)
        {
            return null;
        }

        if (table.TryFind("body", out _) && table.TryFind("file", out _))
        {
            _faults.Add(table.PositionOf("file"), "a response has either a body or a file");
        }

        return new StaticResponse(
            (int)(table.Integer("status") ?? 200),
            [.. Texts(table.Table("headers"))],
            table.Text("body") ?? string.Empty,
            table.Text("file") is string file ? Path.Combine(_folder, file) : null);
    }

    private List<CronTrigger> ReadCron()
    {
        var triggers = new List<CronTrigger>();
        foreach (TomlTable table in TriggersOf("cron"))
        {
            CheckComponent(table, table.Text("component"));
            if (table.Text("schedule") is string schedule && table.Text("component") is string component)
            {
                TimeZoneInfo zone = table.Text("time_zone") is string name ? TimeZoneInfo.FindSystemTimeZoneById(name) : TimeZoneInfo.Utc;
                triggers.Add(new CronTrigger(CronSchedule.Parse(schedule, zone), component));
            }
        }

        return triggers;
    }

    private IEnumerable<TomlTable> TriggersOf(string kind) => _root.Table("trigger")?.Items(kind).OfType<TomlTable>() ?? [];

    private void CheckComponent(TomlTable trigger, string? component)
    {
        TomlTable? components = _root.Table("component");
        if (component is not null && components?.TryFind(component, out _) is not true)
        {
            IEnumerable<string> names = components?.Entries.Select(entry => entry.Key) ?? [];
            string hint = _faults.HintFor(component, names) is string nearest ? $"did you mean {nearest}?" : $"add [component.{component}]";
            _faults.Add(trigger.PositionOf("component"), $"there is no component {GuestText.Quote(component)}; {hint}");
        }
    }

    private static IEnumerable<KeyValuePair<string, string>> Texts(TomlTable? table) =>
        table?.Entries.Select(entry => KeyValuePair.Create(entry.Key, ((TomlText)entry.Value).Value)) ?? [];
}
