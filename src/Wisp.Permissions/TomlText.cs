using System.Globalization;
using System.Text;

namespace Wisp.Permissions;

/// <summary>The lines of <c>wisp.toml</c> that grant something, as denials and learned grants print them.</summary>
internal static class TomlText
{
    /// <summary>A line for a table <c>[component.NAME]</c>.</summary>
    public static string DirectoryInline(DirectoryGrant grant) => $"permissions.fs = [{Directory(grant)}]";

    /// <summary>A line for a table <c>[component.NAME]</c>.</summary>
    public static string NetworkInline(string rule) => $"permissions.net = [{Text(rule)}]";

    /// <summary>An item of <c>permissions.fs</c>.</summary>
    public static string Directory(DirectoryGrant grant) =>
        $"{{ host = {Text(grant.HostPath)}, guest = {Text(grant.GuestPath)}, access = {Text(Access(grant.Access))} }}";

    /// <summary>A key whose list has an item a line; nothing when there are none.</summary>
    public static string List(string key, IEnumerable<string> items)
    {
        string lines = string.Concat(items.Select(item => $"  {item},\n"));
        return lines.Length == 0 ? "" : $"permissions.{key} = [\n{lines}]\n";
    }

    private static string Access(DirectoryAccess access) =>
        access == DirectoryAccess.ReadOnly ? "read-only" : "read-write";

    // https://toml.io/en/v1.0.0#string  A basic string: quote, backslash and control characters are escaped.
    public static string Text(string value)
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
