using System.CommandLine;
using Wisp.Permissions;

namespace Wisp.Cli.Commands;

/// <summary>The options that say what a program is granted, the same for <c>run</c> and <c>serve</c>.</summary>
internal sealed class PermissionFlags
{
    private readonly Option<string[]>[] _grants =
    [
        Grant("dir", "HOST[::GUEST][:ro]", "Grant a directory, seen under the guest path."),
        Grant("env", "NAME[=VALUE]", "Grant an environment variable; without a value, the one of this process."),
        Grant("net", "RULE", "Grant the network: [deny:][listen:][scheme://]host:port."),
        Grant("limit", "NAME=VALUE,...", "Limit memory, cpu, wall, stack, tables, files or response."),
        Grant("clock", "real|fixed=TIME", "The time that the program sees."),
        Grant("random", "real|seeded=N", "Where its random numbers come from."),
        Grant("stdio", "in,out,err|none", "Which standard streams it has. Default: all."),
    ];

    private readonly Option<string?> _audit = new("--audit")
    {
        Description = "Append each decision about permissions to a file, as lines of JSON.",
        HelpName = "file",
    };

    private readonly Option<string?> _learn = new("--learn")
    {
        Description = "Refuse nothing that can be granted; at the end write the least grant that the run needed.",
        HelpName = "file",
    };

    private readonly Option<bool> _count = new("--count")
    {
        Description = "Refuse nothing that can be granted; report what would have been.",
    };

    public void AddTo(Command command)
    {
        foreach (Option<string[]> grant in _grants)
        {
            command.Add(grant);
        }

        command.Add(_audit);
        command.Add(_learn);
        command.Add(_count);
    }

    /// <summary>Reads the options.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="program">The program's name in denials.</param>
    /// <exception cref="CommandException">One of them makes no sense.</exception>
    public PermissionSession Open(ParseResult parsed, string program)
    {
        var builder = new GrantBuilder();
        foreach (Option<string[]> grant in _grants)
        {
            foreach (string argument in parsed.GetValue(grant) ?? [])
            {
                if (!builder.TryAddFlag(grant.Name[2..], argument, out string? error))
                {
                    throw CommandException.Usage(error);
                }
            }
        }

        string? learn = parsed.GetValue(_learn);
        bool isCounting = parsed.GetValue(_count);
        if (learn is not null && isCounting)
        {
            throw CommandException.Usage("--learn and --count exclude each other");
        }

        PermissionMode mode = learn is not null ? PermissionMode.Learn : isCounting ? PermissionMode.Count : PermissionMode.Enforce;
        return new PermissionSession(
            builder.Build(), program, mode, parsed.GetValue(_audit), learn, parsed.InvocationConfiguration.Error);
    }

    private static Option<string[]> Grant(string name, string form, string description) => new($"--{name}")
    {
        Description = description,
        HelpName = form,
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };
}
