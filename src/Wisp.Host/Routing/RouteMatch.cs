namespace Wisp.Host.Routing;

/// <summary>What a route made of a path.</summary>
/// <param name="ScriptName">The part that the route names, as it was asked for; empty or with a slash in front (RFC 3875 4.1.13).</param>
/// <param name="PathInfo">The rest, which the route's component gets as its own (RFC 3875 4.1.5).</param>
/// <param name="Parameters">Names and values of the route's parameters.</param>
internal readonly record struct RouteMatch(
    string ScriptName, string PathInfo, IReadOnlyList<KeyValuePair<string, string>> Parameters)
{
    /// <summary>Of the route that takes everything.</summary>
    public static RouteMatch Whole(string path) => new(string.Empty, path, []);
}
