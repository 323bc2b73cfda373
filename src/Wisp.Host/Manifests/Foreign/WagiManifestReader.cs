using Wisp.Permissions;

namespace Wisp.Host.Manifests.Foreign;

// https://github.com/deislabs/wagi/blob/main/docs/configuring_and_running.md
//
//   [[module]]  route, module, environment, volumes (guest = host), allowed_hosts, entrypoint

/// <summary>Reads a WAGI manifest (<c>modules.toml</c>) as far as its programs can run here.</summary>
internal static class WagiManifestReader
{
    /// <summary>The name of a WAGI manifest.</summary>
    public const string FileName = "modules.toml";

    /// <summary>Reads a manifest.</summary>
    /// <exception cref="ManifestException">It asks for something without which nothing could run.</exception>
    public static AppManifest ReadFile(string path)
    {
        ForeignManifest file = ForeignManifest.Open(path);
        file.LeaveOthers(file.Root, "module");
        var components = new List<ComponentManifest>();
        var triggers = new List<HttpTrigger>();
        foreach (TomlTable table in file.Tables(file.Root, "module"))
        {
            string name = $"module-{components.Count + 1}";
            if (ReadModule(file, table, name) is ComponentManifest component)
            {
                components.Add(component);
            }

            if (file.Required(table, "route") is string route && file.Route(table, route) is { } pattern)
            {
                triggers.Add(new HttpTrigger(pattern, [], name, null));
            }
        }

        if (triggers.Count == 0)
        {
            file.Faults.Add(file.Root.Position, "no [[module]] with a route");
        }

        file.Faults.ThrowIfAny();
        return new AppManifest(file.Folder, ForeignManifest.Slug(Path.GetFileName(file.Folder)), null)
        {
            Components = components,
            Http = triggers,
            LeftOut = file.LeftOut,
        };
    }

    private static ComponentManifest? ReadModule(ForeignManifest file, TomlTable table, string name)
    {
        file.LeaveOthers(table, "route", "module", "environment", "volumes", "allowed_hosts", "entrypoint");
        if (table.Text("entrypoint") is string entry and not "_start")
        {
            file.Faults.Add(table.PositionOf("entrypoint"), $"not yet: the entry point {GuestText.Quote(entry)}; programs start with _start");
        }

        if (file.Required(table, "module") is not string module)
        {
            return null;
        }

        string source = module.StartsWith("file:", StringComparison.Ordinal) ? module["file:".Length..].Replace("//", "/", StringComparison.Ordinal) : module;
        if (source.Contains(':', StringComparison.Ordinal))
        {
            file.Faults.Add(table.PositionOf("module"), $"not yet: a module that must be fetched: {GuestText.Quote(module)}; name a file");
            return null;
        }

        var grant = new GrantBuilder();
        file.AddEnvironment(grant, table);
        file.AddHosts(grant, table, "allowed_hosts");
        foreach (TomlEntry volume in table.Table("volumes")?.Entries ?? [])
        {
            if (volume.Value is TomlText { Value.Length: > 0 } host && TextTypes.GuestPath.Check!(volume.Key) is null)
            {
                grant.AddDirectory(Path.Combine(file.Folder, host.Value), volume.Key, DirectoryAccess.ReadWrite);
            }
            else
            {
                file.Leave(volume.Position, $"volume {GuestText.Quote(volume.Key)}: expected \"/guest/path\" = \"host path\"");
            }
        }

        return new ComponentManifest(name, Path.Combine(file.Folder, source)) { Grant = grant.Build(), HasWagiVariables = true };
    }
}
