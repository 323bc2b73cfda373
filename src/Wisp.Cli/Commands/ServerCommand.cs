using System.CommandLine;
using System.Net;
using Wisp.Cli.Apps;
using Wisp.Cli.Output;
using Wisp.Host;
using Wisp.Host.Admin;
using Wisp.Host.Deployments;
using Wisp.Host.Hosting;
using Wisp.Host.Server;

namespace Wisp.Cli.Commands;

/// <summary><c>wisp server</c>: many apps on this machine, with an API to deploy to.</summary>
internal static class ServerCommand
{
    public static Command Create()
    {
        var data = new Option<string?>("--data")
        {
            Description = "The folder that keeps everything. Default: $XDG_DATA_HOME/wisp/server, else ~/.local/share/wisp/server.",
            HelpName = "folder",
        };
        var listen = new Option<string>("--listen")
        {
            Description = "Address and port of the apps; port 0 takes a free one.",
            HelpName = "address:port",
            DefaultValueFactory = _ => new FunctionHostOptions().Listen.ToString(),
        };
        var admin = new Option<string>("--admin")
        {
            Description = "Address and port of the admin API and the dashboard. Always takes a token.",
            HelpName = "address:port",
            DefaultValueFactory = _ => new AdminServerOptions().Listen.ToString(),
        };
        var domain = new Option<string>("--domain")
        {
            Description = "An app that names no hosts answers at its name under this domain.",
            HelpName = "name",
            DefaultValueFactory = _ => new FunctionHostOptions().Domain,
        };
        var keep = new Option<int>("--keep")
        {
            Description = "Versions of an app that are kept to go back to, besides those with traffic.",
            HelpName = "count",
            DefaultValueFactory = _ => new DeploymentOptions().KeepVersions,
        };
        keep.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && (!int.TryParse(result.Tokens[0].Value, out int count) || count < 1))
            {
                result.AddError("--keep: expected a count of 1 or more");
            }
        });
        var key = new Option<string?>("--key")
        {
            Description = "The file with the key that encrypts secrets. Default: key in the data folder.",
            HelpName = "file",
        };
        var engine = new EngineFlags();
        var command = new CommandWithExamples(
            "server",
            "Run many apps, each at host names of its own, and take deploys through the admin API. The first start makes a token.",
            """
            wisp server
            wisp server --data /var/lib/wisp --listen 0.0.0.0:443 --tls-cert full.pem --domain apps.example.com
            wisp login http://127.0.0.1:8081 --token-file ~/.local/share/wisp/server/admin.token
            """)
        {
            data, listen, admin, domain, keep, key,
        };
        var tls = new TlsFlags();
        tls.AddTo(command);
        engine.AddTo(command);
        command.SetAction(parsed =>
        {
            var options = new AppsServerOptions
            {
                DataFolder = parsed.GetValue(data) ?? DefaultFolder(),
                KeyPath = parsed.GetValue(key) is string path ? Path.GetFullPath(path) : null,
                Deployments = new DeploymentOptions { KeepVersions = parsed.GetValue(keep) },
                Engine = engine.Read(parsed),
                Host = new FunctionHostOptions
                {
                    Listen = ServerProcess.ParseEndPoint(parsed.GetRequiredValue(listen)),
                    Domain = parsed.GetRequiredValue(domain),
                    Tls = tls.Read(parsed),
                },
                Admin = AdminOf(ServerProcess.ParseEndPoint(parsed.GetRequiredValue(admin), "--admin"), tls.Read(parsed)),
            };
            return RunAsync(options, parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error).GetAwaiter().GetResult();
        });
        return command;
    }

    private static async Task<int> RunAsync(AppsServerOptions options, TextWriter output, TextWriter error)
    {
        await using AppsServer server = AppsServer.Open(options, output, line => Report(error, line));
        return await ServerProcess.RunAsync(
            new ServedProcess(
                server.StartAsync, server.StopAsync, () => Greet(server, options, output), $"{options.Host.Listen} and {options.Admin.Listen}"),
            output).ConfigureAwait(false);
    }

    private static void Greet(AppsServer server, AppsServerOptions options, TextWriter output)
    {
        string admin = server.AdminAddresses.First();
        output.WriteLine($"wisp: serving on {string.Join(", ", server.Addresses)}: {server.Served} apps, each at its hosts or NAME.{options.Host.Domain}");
        output.WriteLine($"wisp: admin API and dashboard on {admin}");
        if (server.FirstToken is string token)
        {
            // A log is read by more people than a terminal is.
            output.WriteLine($"wisp: made the first token{(Terminal.IsOutputSeen ? $": {token}" : "")}");
        }

        output.WriteLine($"wisp: to log in: wisp login {admin} --token-file {server.TokenFile}");
        if (options.Admin.Tls is null && !IPAddress.IsLoopback(options.Admin.Listen.Address))
        {
            output.WriteLine("wisp: the admin API is reachable from other machines, and tokens travel as clear text; --tls-cert, or put TLS in front of it");
        }
    }

    /// <summary>No certificate is for 127.0.0.1, and nobody listens on the way there.</summary>
    private static AdminServerOptions AdminOf(IPEndPoint listen, TlsFiles? tls) =>
        new() { Listen = listen, Tls = IPAddress.IsLoopback(listen.Address) ? null : tls };

    private static void Report(TextWriter error, string line)
    {
        lock (error)
        {
            error.WriteLine($"wisp: {FailureReport.OneLine(line)}");
        }
    }

    private static string DefaultFolder()
    {
        // https://specifications.freedesktop.org/basedir-spec: a relative path is to be ignored.
        string? root = Environment.GetEnvironmentVariable("XDG_DATA_HOME");
        if (string.IsNullOrEmpty(root) || !Path.IsPathRooted(root))
        {
            string? home = Environment.GetEnvironmentVariable("HOME");
            root = string.IsNullOrEmpty(home) || !Path.IsPathRooted(home)
                ? throw CommandException.Usage("--data is needed where neither XDG_DATA_HOME nor HOME says where data is kept")
                : Path.Combine(home, ".local", "share");
        }

        return Path.Combine(root, "wisp", "server");
    }
}
