using System.Text.Json;
using System.Text.Json.Serialization;

namespace Wisp.Cli.Remote;

// $XDG_CONFIG_HOME/wisp/servers.json, mode 0600:
//
//   {"current":"prod","servers":{"prod":{"url":"https://wisp.example.com:8081","token":"wisp_…"}}}
//
// It is written under another name, then renamed: a reader sees the old file or the new one.

/// <summary>The servers that a user logged in to.</summary>
internal sealed class SavedServers
{
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerFolder = OwnerFile | UnixFileMode.UserExecute;

    private readonly string _path;
    private readonly ServersFile _file;

    private SavedServers(string path, ServersFile file)
    {
        _path = path;
        _file = file;
    }

    /// <summary>Name of the server that commands ask, or null.</summary>
    public string? Current => _file.Current;

    public IReadOnlyDictionary<string, SavedServer> ByName => _file.Servers;

    /// <summary>Reads what the user saved; nothing when there is no file.</summary>
    public static SavedServers Read()
    {
        string path = PathOf();
        if (!File.Exists(path))
        {
            return new SavedServers(path, new ServersFile());
        }

        // Who may read it may do what its tokens may.
        if ((File.GetUnixFileMode(path) & ~OwnerFolder) != 0)
        {
            throw CommandException.Failed($"{path}: others may read it, and it holds tokens; chmod 600 {path}");
        }

        try
        {
            return new SavedServers(path, JsonSerializer.Deserialize(File.ReadAllText(path), SavedServersJson.Default.ServersFile) ?? new());
        }
        catch (JsonException exception)
        {
            throw CommandException.Failed($"{path}: {exception.Message}");
        }
    }

    /// <summary>Saves a server and makes it the one that commands ask.</summary>
    public string Save(string name, SavedServer server)
    {
        _file.Servers[name] = server;
        _file.Current = name;
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!, OwnerFolder);
        string unfinished = $"{_path}.{Guid.NewGuid():n}";
        using (var stream = new FileStream(unfinished, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = OwnerFile,
        }))
        {
            JsonSerializer.Serialize(stream, _file, SavedServersJson.Default.ServersFile);
        }

        File.Move(unfinished, _path, overwrite: true);
        return _path;
    }

    private static string PathOf()
    {
        // https://specifications.freedesktop.org/basedir-spec: a relative path is to be ignored.
        string? root = Environment.GetEnvironmentVariable("XDG_CONFIG_HOME");
        if (string.IsNullOrEmpty(root) || !Path.IsPathRooted(root))
        {
            string? home = Environment.GetEnvironmentVariable("HOME");
            root = string.IsNullOrEmpty(home) || !Path.IsPathRooted(home)
                ? throw CommandException.Failed("neither XDG_CONFIG_HOME nor HOME says where to keep what was logged in to") : Path.Combine(home, ".config");
        }

        return Path.Combine(root, "wisp", "servers.json");
    }
}

/// <summary>A server that a user logged in to.</summary>
internal sealed record SavedServer(string Url, string Token);

/// <summary>What stands in the file.</summary>
internal sealed class ServersFile
{
    public string? Current { get; set; }

    public Dictionary<string, SavedServer> Servers { get; set; } = [];
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ServersFile))]
internal sealed partial class SavedServersJson : JsonSerializerContext;
