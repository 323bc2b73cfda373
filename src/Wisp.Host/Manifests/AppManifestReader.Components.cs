using Wisp.Permissions;

namespace Wisp.Host.Manifests;

// The components: their program, and what it is granted.
internal sealed partial class AppManifestReader
{
    private List<ComponentManifest> ReadComponents()
    {
        var components = new List<ComponentManifest>();
        foreach (TomlEntry entry in _root.Table("component")?.Entries ?? [])
        {
            if (entry.Value is TomlTable table)
            {
                components.Add(ReadComponent(entry.Key, table));
            }
        }

        return components;
    }

    private ComponentManifest ReadComponent(string name, TomlTable table)
    {
        TomlTable? build = table.Table("build");
        TomlTable? limits = table.Table("limits");
        CheckVariables(table.Items("args"));
        var files = new List<string>();
        Grant asked = ReadAsked(table.Table("permissions"));
        return new ComponentManifest(name, Path.Combine(_folder, table.Text("source") ?? string.Empty))
        {
            Arguments = [.. TextsOf(table.Items("args"))],
            BuildCommand = build?.Text("command"),
            BuildFolder = _folder,
            Watch = [.. TextsOf(build?.Items("watch") ?? [])],
            Grant = ReadGrant(table, asked, files),
            Asked = asked,
            Files = files,
            HasSnapshot = table.Table("instances")?.Flag("snapshot") ?? false,
            Instances = ReadInstances(table.Table("instances")),
            RequestBytes = Bytes(limits, "request"),
            Concurrency = (int?)limits?.Integer("concurrency"),
            Queue = (int?)limits?.Integer("queue"),
        };
    }

    private static InstanceRules ReadInstances(TomlTable? instances) => new()
    {
        Reuse = (int)(instances?.Integer("reuse") ?? 1),
        Warm = (int)(instances?.Integer("warm") ?? 0),
        Idle = Time(instances, "idle") ?? InstanceRules.DefaultIdle,
    };

    /// <summary>What stands in the table <c>permissions</c>.</summary>
    private Grant ReadAsked(TomlTable? permissions)
    {
        var asked = new GrantBuilder();
        foreach (TomlTable directory in permissions?.Items("fs").OfType<TomlTable>() ?? [])
        {
            if (directory.Text("host") is string host && directory.Text("guest") is string guest)
            {
                asked.AddDirectory(host, guest,
                    directory.Text("access") == "read-write" ? DirectoryAccess.ReadWrite : DirectoryAccess.ReadOnly);
            }
        }

        CheckVariables(permissions?.Items("env") ?? []);
        AddFlags(asked, permissions);
        return asked.Build();
    }

    /// <summary>What it asks for, with <c>files</c> in front, paths made full, and limits.</summary>
    private Grant ReadGrant(TomlTable component, Grant asked, List<string> files)
    {
        var directories = new List<DirectoryGrant>();
        var guestPaths = new HashSet<string>();
        foreach (TomlNode node in component.Items("files"))
        {
            string? source = node is TomlText text ? text.Value : (node as TomlTable)?.Text("source");
            if (source is null)
            {
                continue;
            }

            string guest = (node as TomlTable)?.Text("guest") ?? "/" + Path.GetFileName(source.TrimEnd('/'));
            CheckGuestPath(node, guest, guestPaths);
            CheckFolder(node, source);
            files.Add(source);
            directories.Add(new DirectoryGrant(Path.Combine(_folder, source), guest, DirectoryAccess.ReadOnly));
        }

        foreach (TomlTable directory in component.Table("permissions")?.Items("fs").OfType<TomlTable>() ?? [])
        {
            if (directory.Text("guest") is string guest)
            {
                CheckGuestPath(directory, guest, guestPaths);
            }
        }

        directories.AddRange(asked.Directories.Select(directory => _storage is null
            ? directory with { HostPath = Path.Combine(_folder, directory.HostPath) }
            : directory with
            {
                HostPath = Path.Combine(_storage, directory.HostPath),
                LinkFreeBelow = Path.IsPathRooted(directory.HostPath) ? "/" : _storage,
            }));
        return asked with { Directories = [.. directories], Limits = ReadLimits(component.Table("limits")) };
    }

    /// <summary>Adds what has the same grammar here as on the command line; it was checked already.</summary>
    private static void AddFlags(GrantBuilder grant, TomlTable? permissions)
    {
        IEnumerable<(string Flag, string Text)> flags =
        [
            .. TextsOf(permissions?.Items("env") ?? []).Select(text => ("env", text)),
            .. TextsOf(permissions?.Items("net") ?? []).Select(text => ("net", text)),
        ];
        foreach (string flag in new[] { "clock", "random" })
        {
            flags = permissions?.Text(flag) is string text ? flags.Append((flag, text)) : flags;
        }

        foreach ((string flag, string text) in flags)
        {
            if (!grant.TryAddFlag(flag, text, out string? error))
            {
                throw new InvalidOperationException(error);
            }
        }
    }

    private void CheckGuestPath(TomlNode node, string guest, HashSet<string> taken)
    {
        if (!taken.Add(guest.TrimEnd('/')))
        {
            _faults.Add(node.Position, $"two directories for the path {GuestText.Quote(guest)}");
        }
    }

    private void CheckFolder(TomlNode node, string source)
    {
        if (source.AsSpan().ContainsAny('*', '?', '['))
        {
            _faults.Add(node.Position, $"files: not yet: patterns; name a folder instead of {GuestText.Quote(source)}");
        }
        else if (File.Exists(Path.Combine(_folder, source)))
        {
            _faults.Add(node.Position, $"files: not yet: single files; put {GuestText.Quote(source)} into a folder and name that");
        }
    }

    private void CheckVariables(IReadOnlyList<TomlNode> nodes)
    {
        TomlTable? variables = _root.Table("variables");
        foreach (TomlText text in nodes.OfType<TomlText>())
        {
            VariableText.Expand(text.Value, name => variables?.TryFind(name, out _) is true ? string.Empty : null, out string? fault);
            if (fault is not null)
            {
                _faults.Add(text.Position, $"{fault} in [variables]");
            }
        }
    }

    private static ResourceLimits ReadLimits(TomlTable? limits) => new()
    {
        MemoryBytes = Bytes(limits, "memory"),
        CpuTime = Time(limits, "cpu"),
        WallTime = Time(limits, "wall"),
        StackBytes = Bytes(limits, "stack"),
        TableElements = limits?.Integer("tables"),
        OpenFiles = limits?.Integer("files"),
        ResponseBytes = Bytes(limits, "response"),
    };

    private static long? Bytes(TomlTable? table, string key) =>
        table?.Text(key) is string text && ResourceLimits.TryParseBytes(text, out long bytes) ? bytes : table?.Integer(key);

    private static TimeSpan? Time(TomlTable? table, string key)
    {
        if (table?.Text(key) is string text && ResourceLimits.TryParseTime(text, out TimeSpan time))
        {
            return time;
        }

        return table?.Integer(key) is long seconds ? TimeSpan.FromSeconds(seconds) : null;
    }

    private static IEnumerable<string> TextsOf(IReadOnlyList<TomlNode> nodes) => nodes.OfType<TomlText>().Select(text => text.Value);
}
