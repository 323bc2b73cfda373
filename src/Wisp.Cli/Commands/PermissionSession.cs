using Wisp.Cli.Loading;
using Wisp.Permissions;

namespace Wisp.Cli.Commands;

/// <summary>The gate of one command, with the files that it writes: the audit while it runs, what was learned at the end.</summary>
internal sealed class PermissionSession : IDisposable
{
    private readonly string? _learn;
    private readonly JsonLinesAuditSink? _audit;

    public PermissionSession(
        Grant grant, string program, PermissionMode mode, string? auditPath, string? learnPath, TextWriter messages)
    {
        _learn = learnPath;
        if (learnPath is not null && File.Exists(learnPath))
        {
            throw CommandException.Failed($"{learnPath}: exists; --learn writes a new file");
        }

        _audit = auditPath is null ? null : JsonLinesAuditSink.OpenFile(auditPath);
        Gate = new PermissionGate(grant, program, mode, _audit, denial =>
        {
            lock (messages)
            {
                messages.WriteLine(denial.ToString());
            }
        });
    }

    public PermissionGate Gate { get; }

    /// <summary>Writes what was learned, however the program ended.</summary>
    public void Dispose()
    {
        _audit?.Dispose();
        if (_learn is not null && Gate.LearnedGrant() is Grant learned)
        {
            string text = string.Concat(learned.ToFlags().Select(flag => $"# {flag}\n")) + "\n" + learned.ToToml();
            OutputFile.Write(_learn, System.Text.Encoding.UTF8.GetBytes(text), mayReplace: _ => false);
        }
    }
}
