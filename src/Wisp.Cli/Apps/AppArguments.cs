using System.CommandLine;
using Wisp.Cli.Commands;
using Wisp.Cli.Loading;
using Wisp.Permissions;

namespace Wisp.Cli.Apps;

/// <summary>What the commands that run an app have in common: which app, and values of its variables.</summary>
internal sealed class AppArguments
{
    private const string WhatItIs = "A folder with wisp.toml (or spin.toml, modules.toml), or a .wasm, .wat or .wisp file.";

    private readonly Argument<string> _app;

    private readonly Option<string[]> _variables = new("--env", "-e")
    {
        Description = "The value of a variable of the app; of an environment variable where APP is a program by itself.",
        HelpName = "NAME=VALUE",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<bool> _noCache = new("--no-cache") { Description = "Compile anew; neither read nor write the cache of images." };
    private readonly EngineFlags _engine = new();

    private readonly Option<string?> _audit = new("--audit")
    {
        Description = "Append each decision about permissions to a file, as lines of JSON.",
        HelpName = "file",
    };

    private readonly Option<bool> _count = new("--count")
    {
        Description = "Refuse nothing that can be granted; report what would have been, with the line that would allow it.",
    };

    /// <summary>Makes the arguments of one command.</summary>
    /// <param name="isAppRequired">Whether the app must be named; else it is the working folder.</param>
    public AppArguments(bool isAppRequired = false) => _app = isAppRequired
        ? new("app") { Description = WhatItIs }
        : new("app") { Description = $"{WhatItIs} Default: this folder.", DefaultValueFactory = _ => "." };

    public void AddTo(Command command)
    {
        command.Add(_app);
        command.Add(_variables);
        command.Add(_noCache);
        command.Add(_audit);
        command.Add(_count);
        _engine.AddTo(command);
    }

    /// <summary>The app as the user named it.</summary>
    public string PathOf(ParseResult parsed) => parsed.GetRequiredValue(_app);

    /// <summary>Opens what an app is loaded with.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="log">Takes what its programs say.</param>
    public AppSession Open(ParseResult parsed, TextWriter log)
    {
        ImageCache? cache = parsed.GetValue(_noCache) ? null : ImageCache.OfUser();
        var environment = new AppEnvironment(
            _engine.Read(parsed), cache, parsed.GetValue(_audit), parsed.GetValue(_count) ? PermissionMode.Count : PermissionMode.Enforce);
        return new AppSession(PathOf(parsed), Variables(parsed), environment, log, parsed.InvocationConfiguration.Error);
    }

    private Dictionary<string, string> Variables(ParseResult parsed)
    {
        var variables = new Dictionary<string, string>();
        foreach (string text in parsed.GetValue(_variables) ?? [])
        {
            if (!EnvironmentGrant.TryParse(text, out EnvironmentGrant? variable, out _) || variable.Value is null)
            {
                throw CommandException.Usage($"-e {GuestText.Quote(text)}: expected NAME=VALUE");
            }

            variables[variable.Name] = variable.Value;
        }

        return variables;
    }
}
