using Wisp.Host.Manifests;
using Wisp.Permissions;
using TomlText = Wisp.Permissions.TomlText;

namespace Wisp.Host.Deployments;

/// <summary>What an app asks of a server, as lines that can be compared. What it only sets for itself is not among them: values of
/// environment variables, fixed clocks, seeds, limits.</summary>
internal static class PermissionLines
{
    private const string DenyMark = "permissions.net = [\"deny:";
    private const string ReadOnly = "access = \"read-only\" }]";
    private const string ReadWrite = "access = \"read-write\" }]";

    /// <summary>The lines of an app, each once, in order.</summary>
    public static IReadOnlyList<string> Of(AppManifest app)
    {
        var lines = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string host in app.Hosts)
        {
            lines.Add($"application: hosts = [{TomlText.Text(host)}]");
        }

        foreach (ComponentManifest component in app.Components)
        {
            foreach (DirectoryGrant directory in component.Asked.Directories)
            {
                lines.Add($"{component.Name}: {TomlText.DirectoryInline(directory)}");
            }

            foreach (EnvironmentGrant variable in component.Asked.Environment.Where(variable => variable.Value is null))
            {
                lines.Add($"{component.Name}: permissions.env = [{TomlText.Text(variable.Name)}]");
            }

            foreach (NetworkRule rule in component.Asked.Network)
            {
                lines.Add($"{component.Name}: {TomlText.NetworkInline(rule.Flag)}");
            }
        }

        return [.. lines];
    }

    /// <summary>What is asked for beside what was accepted.</summary>
    /// <remarks>A rule that denies is a restriction: a new one asks for nothing, one that goes asks for what it denied. Who may write may
    /// read.</remarks>
    public static PermissionDifference Between(IReadOnlyCollection<string> accepted, IReadOnlyCollection<string> asked)
    {
        var before = accepted.ToHashSet();
        var now = asked.ToHashSet();
        IEnumerable<string> wider = asked.Where(line =>
            !IsDenial(line) && !before.Contains(line) && !before.Contains(line.Replace(ReadOnly, ReadWrite, StringComparison.Ordinal)));
        IEnumerable<string> freed = accepted.Where(line => IsDenial(line) && !now.Contains(line) && now.Any(other => IsConnection(other, line)))
            .Select(line => line.Replace(" = [", " without [", StringComparison.Ordinal));
        return new PermissionDifference([.. wider, .. freed], [.. accepted.Where(line => !IsDenial(line) && !now.Contains(line))]);
    }

    private static bool IsDenial(string line) => line.Contains(DenyMark, StringComparison.Ordinal);

    /// <summary>Whether a line allows connections to the component whose denial went.</summary>
    private static bool IsConnection(string line, string denial)
    {
        string start = denial[..denial.IndexOf("deny:", StringComparison.Ordinal)];
        return line.StartsWith(start, StringComparison.Ordinal) && !IsDenial(line);
    }
}
