using Wisp.Permissions;

namespace Wisp.Host.Manifests.Foreign;

// https://spinframework.dev/v3/manifest-reference: spin_manifest_version = 2.
//
//   [application] name, version          [[trigger.http]] route, component      [component.NAME] source, environment, files,
//   [variables] default, required, secret                                       allowed_outbound_hosts, build
//
// Programs run by CGI, as with Spin's executor "wagi". One that is a component, or exports no _start, is refused when it is loaded.

/// <summary>Reads a Spin manifest as far as its programs can run here.</summary>
internal sealed class SpinManifestReader
{
    /// <summary>The name of a Spin manifest.</summary>
    public const string FileName = "spin.toml";

    private readonly ForeignManifest _file;
    private readonly List<ComponentManifest> _components = [];

    private SpinManifestReader(ForeignManifest file) => _file = file;

    /// <summary>Reads a manifest.</summary>
    /// <exception cref="ManifestException">It asks for something without which nothing could run.</exception>
    public static AppManifest ReadFile(string path)
    {
        ForeignManifest file = ForeignManifest.Open(path);
        AppManifest app = new SpinManifestReader(file).Read();
        file.Faults.ThrowIfAny();
        return app with { LeftOut = file.LeftOut };
    }

    private AppManifest Read()
    {
        if (_file.Root.Integer("spin_manifest_version") != 2)
        {
            _file.Faults.Add(_file.Root.PositionOf("spin_manifest_version"), "only spin_manifest_version = 2 is read");
        }

        _file.LeaveOthers(_file.Root, "spin_manifest_version", "application", "variables", "trigger", "component");
        TomlTable application = _file.Root.Table("application") ?? new TomlTable(_file.Root.Position);
        _file.LeaveOthers(application, "name", "version", "description", "authors");
        string name = _file.Required(application, "name") ?? string.Empty;
        List<VariableDeclaration> variables = ReadVariables();
        foreach (TomlEntry entry in _file.Root.Table("component")?.Entries ?? [])
        {
            if (entry.Value is TomlTable table)
            {
                AddComponent(entry.Key, table, variables);
            }
        }

        List<HttpTrigger> triggers = ReadTriggers(variables);
        return new AppManifest(_file.Folder, ForeignManifest.Slug(name), application.Text("version"))
        {
            Variables = variables,
            Http = triggers,
            Components = _components,
        };
    }

    private List<VariableDeclaration> ReadVariables()
    {
        var variables = new List<VariableDeclaration>();
        foreach (TomlEntry entry in _file.Root.Table("variables")?.Entries ?? [])
        {
            if (entry.Value is TomlTable table)
            {
                bool isRequired = table.Flag("required") ?? table.Text("default") is null;
                variables.Add(new VariableDeclaration(entry.Key, table.Text("default"), isRequired, table.Flag("secret") ?? false));
            }
        }

        return variables;
    }

    private List<HttpTrigger> ReadTriggers(List<VariableDeclaration> variables)
    {
        var triggers = new List<HttpTrigger>();
        TomlTable kinds = _file.Root.Table("trigger") ?? new TomlTable(_file.Root.Position);
        foreach (TomlEntry kind in kinds.Entries.Where(kind => kind.Key != "http"))
        {
            _file.Leave(kind.Position, $"trigger.{GuestText.Escape(kind.Key)}: only HTTP triggers run");
        }

        foreach (TomlTable table in _file.Tables(kinds, "http"))
        {
            _file.LeaveOthers(table, "id", "route", "component", "executor");
            if (table.Table("route") is not null)
            {
                _file.Leave(table.PositionOf("route"), "a private route: components cannot call each other");
                continue;
            }

            ReadExecutor(table);
            string? component = ComponentOf(table, triggers.Count, variables);
            if (_file.Required(table, "route") is string route && component is not null && _file.Route(table, route) is { } pattern)
            {
                triggers.Add(new HttpTrigger(pattern, [], component, null));
            }
        }

        return triggers;
    }

    private void ReadExecutor(TomlTable trigger)
    {
        if (trigger.Table("executor") is not TomlTable executor)
        {
            return;
        }

        if (executor.Text("type") is not ("wagi" or "http"))
        {
            _file.Leave(executor.Position, "this executor; the program runs by CGI");
        }

        if (executor.TryFind("argv", out TomlEntry? argv))
        {
            _file.Leave(argv.Position, "argv: nothing of a request becomes an argument");
        }

        if (executor.Text("entrypoint") is string entry and not "_start")
        {
            _file.Faults.Add(executor.PositionOf("entrypoint"), $"not yet: the entry point {GuestText.Quote(entry)}; programs start with _start");
        }
    }

    /// <summary>A trigger names its component, or has it inside.</summary>
    private string? ComponentOf(TomlTable trigger, int number, List<VariableDeclaration> variables)
    {
        if (trigger.Table("component") is TomlTable inside)
        {
            string made = $"http-{number + 1}";
            AddComponent(made, inside, variables);
            return made;
        }

        string? name = _file.Required(trigger, "component");
        if (name is not null && !_components.Exists(component => component.Name == name))
        {
            string hint = NearestName.Of(name, _components.Select(component => component.Name)) is string nearest ? $"; did you mean {nearest}?" : string.Empty;
            _file.Faults.Add(trigger.PositionOf("component"), $"there is no component {GuestText.Quote(name)}{hint}");
            return null;
        }

        return name;
    }

    private void AddComponent(string name, TomlTable table, List<VariableDeclaration> variables)
    {
        _file.LeaveOthers(table, "source", "description", "environment", "files", "allowed_outbound_hosts", "build", "tool");
        if (table.Text("source") is not string source)
        {
            _file.Faults.Add(table.PositionOf("source"), $"component {GuestText.Escape(name)}: not yet: a source that must be fetched; name a file");
            return;
        }

        var grant = new GrantBuilder();
        _file.AddEnvironment(grant, table);
        CheckVariables(table.Table("environment"), variables);
        _file.AddHosts(grant, table, "allowed_outbound_hosts");
        AddFiles(grant, table);
        TomlTable? build = table.Table("build");
        string? command = build?.Text("command") ?? string.Join(" && ", (build?.Items("command") ?? []).OfType<TomlText>().Select(text => text.Value));
        _components.Add(new ComponentManifest(GuestText.Escape(name), Path.Combine(_file.Folder, source))
        {
            Grant = grant.Build(),
            BuildCommand = command.Length == 0 ? null : command,
            BuildFolder = Path.Combine(_file.Folder, build?.Text("workdir") ?? string.Empty),
            Watch = [.. (build?.Items("watch") ?? []).OfType<TomlText>().Select(text => Path.Combine(build?.Text("workdir") ?? string.Empty, text.Value))],
        });
    }

    private void CheckVariables(TomlTable? environment, List<VariableDeclaration> variables)
    {
        foreach (TomlText text in environment?.Entries.Select(entry => entry.Value).OfType<TomlText>() ?? [])
        {
            VariableText.Expand(text.Value, name => variables.Exists(variable => variable.Name == name) ? string.Empty : null, out string? fault);
            if (fault is not null)
            {
                _file.Faults.Add(text.Position, $"{fault} in [variables]");
            }
        }
    }

    /// <summary>Folders are granted read-only; patterns that mean all of a folder as well.</summary>
    private void AddFiles(GrantBuilder grant, TomlTable component)
    {
        const string Everything = "/**/*";
        foreach (TomlNode item in component.Items("files"))
        {
            string source = (item as TomlText)?.Value ?? (item as TomlTable)?.Text("source") ?? string.Empty;
            string folder = source.EndsWith(Everything, StringComparison.Ordinal) ? source[..^Everything.Length] : source;
            string guest = (item as TomlTable)?.Text("destination") ?? "/" + folder.TrimEnd('/');
            bool isFolder = folder.Length > 0 && TextTypes.PathInside.Check!(folder) is null && TextTypes.GuestPath.Check!(guest) is null
                && Directory.Exists(Path.Combine(_file.Folder, folder));
            if (isFolder)
            {
                grant.AddDirectory(Path.Combine(_file.Folder, folder), guest);
            }
            else
            {
                _file.Leave(item.Position, $"files {GuestText.Quote(source)}: only folders of the app are granted, as a whole");
            }
        }
    }
}
