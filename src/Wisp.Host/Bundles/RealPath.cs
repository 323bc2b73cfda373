namespace Wisp.Host.Bundles;

/// <summary>Where a path leads when every link on its way is followed.</summary>
internal static class RealPath
{
    private const int MaxLinks = 40;   // as the kernel

    /// <summary>Follows the links of a full path. What is not there is taken as it stands.</summary>
    /// <exception cref="BundleException">It goes in a circle.</exception>
    public static string Of(string path)
    {
        var left = new Stack<string>();
        Push(left, path);
        string at = "/";
        int links = 0;
        while (left.TryPop(out string? part))
        {
            if (part == "..")
            {
                at = Path.GetDirectoryName(at) ?? "/";
                continue;
            }

            string next = Path.Combine(at, part);
            if (new FileInfo(next).LinkTarget is not string target)
            {
                at = next;
                continue;
            }

            if (++links > MaxLinks)
            {
                throw new BundleException($"{path}: too many links");
            }

            at = Path.IsPathRooted(target) ? "/" : at;
            Push(left, target);
        }

        return at;
    }

    private static void Push(Stack<string> left, string path)
    {
        foreach (string part in path.Split('/').Reverse().Where(part => part is not ("" or ".")))
        {
            left.Push(part);
        }
    }
}
