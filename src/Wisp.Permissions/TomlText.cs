using System.Globalization;
using System.Text;

namespace Wisp.Permissions;

/// <summary>The lines of <c>wisp.toml</c> that grant something, as denials and learned grants print them.</summary>
internal static class TomlText
{
    public static string Directory(DirectoryGrant grant) =>
        $"[[dir]]\nhost = {Text(grant.HostPath)}\nguest = {Text(grant.GuestPath)}\naccess = {Text(Access(grant.Access))}\n";

    public static string DirectoryInline(DirectoryGrant grant) =>
        $"[[dir]] host = {Text(grant.HostPath)}, guest = {Text(grant.GuestPath)}, access = {Text(Access(grant.Access))}";

    public static string Environment(EnvironmentGrant grant) => grant.Value is null
        ? $"[[env]]\nname = {Text(grant.Name)}\n"
        : $"[[env]]\nname = {Text(grant.Name)}\nvalue = {Text(grant.Value)}\n";

    public static string Network(string rule) => $"[[net]]\nrule = {Text(rule)}\n";

    public static string NetworkInline(string rule) => $"[[net]] rule = {Text(rule)}";

    private static string Access(DirectoryAccess access) =>
        access == DirectoryAccess.ReadOnly ? "read-only" : "read-write";

    // https://toml.io/en/v1.0.0#string  A basic string: quote, backslash and control characters are escaped.
    private static string Text(string value)
    {
        StringBuilder text = new("\"", value.Length + 2);
        foreach (char c in value)
        {
            if (c is '"' or '\\')
            {
                text.Append('\\').Append(c);
            }
            else if (c < ' ' || c == '\x7f')
            {
                text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
            else
            {
                text.Append(c);
            }
        }

        return text.Append('"').ToString();
    }
}
