using System.CommandLine;
using Wisp.Cli.Output;
using Wisp.Host.Manifests;
using Wisp.Permissions;

namespace Wisp.Cli.Remote;

// Which server, and with which token:
//
//   --server NAME|URL, else WISP_SERVER, else the one that was logged in to last
//   WISP_TOKEN, else what was saved for that very address
//
// A saved token goes to the address that it was saved for and to no other.

/// <summary>What the commands against a server have in common.</summary>
internal sealed class ServerArguments
{
    private readonly Option<string?> _server = new("--server")
    {
        Description = "The server: a name from wisp login, or a URL. Default: WISP_SERVER, then the last login.",
        HelpName = "name|URL",
    };

    public OutputOption Output { get; } = new();

    public void AddTo(Command command)
    {
        command.Add(_server);
        Output.AddTo(command);
    }

    /// <summary>Opens the way to the server; nothing is sent yet.</summary>
    public AdminClient Open(ParseResult parsed)
    {
        string? named = parsed.GetValue(_server) ?? NotEmpty(Environment.GetEnvironmentVariable("WISP_SERVER"));
        string? token = NotEmpty(Environment.GetEnvironmentVariable("WISP_TOKEN"));
        if (named is not null && token is not null && ServerAddress.TryParse(named, out Uri? outright))
        {
            return new AdminClient(outright, token);
        }

        SavedServers saved = SavedServers.Read();
        string? name = named ?? saved.Current;
        if (name is null)
        {
            throw CommandException.Failed("not logged in to a server; wisp login URL, or --server and WISP_TOKEN");
        }

        if (Find(saved, name) is SavedServer server)
        {
            return new AdminClient(ServerAddress.Parse(server.Url), token ?? server.Token);
        }

        throw ServerAddress.TryParse(name, out Uri? address)
            ? CommandException.Failed($"no token for {ServerAddress.Text(address)}; wisp login {ServerAddress.Text(address)}, or WISP_TOKEN")
            : CommandException.Failed(
                $"no server {GuestText.Quote(name)} is saved{(saved.ByName.Count == 0 ? "" : $" (there is {string.Join(", ", saved.ByName.Keys)})")}; wisp login URL saves one");
    }

    /// <summary>The app that a command is about: the one that is named, or that of this folder.</summary>
    public static string AppOf(string? named) => AppOrNone(named)
        ?? throw CommandException.Usage("which app? name it, or go to the folder with its wisp.toml");

    /// <summary>The app that a command is about, or null when none is named and this folder has none.</summary>
    public static string? AppOrNone(string? named)
    {
        if (named is null)
        {
            return File.Exists(AppManifestReader.FileName) ? AppSource.Read(".").Name : null;
        }

        return TextTypes.AppName.Check!(named) is string fault ? throw CommandException.Usage(fault) : named;
    }

    private static SavedServer? Find(SavedServers saved, string name)
    {
        if (saved.ByName.TryGetValue(name, out SavedServer? server))
        {
            return server;
        }

        return ServerAddress.TryParse(name, out Uri? address)
            ? saved.ByName.Values.FirstOrDefault(other => other.Url == ServerAddress.Text(address)) : null;
    }

    private static string? NotEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
