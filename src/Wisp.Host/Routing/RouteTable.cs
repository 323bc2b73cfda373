using System.Diagnostics.CodeAnalysis;

namespace Wisp.Host.Routing;

// A tree with a level for each segment. At a node the text of the segment goes first, then the parameter, then the wildcard, and what
// leads nowhere is taken back. A node is reached in one way only, so a path visits each node at most once.
//
// The path alone chooses the node; the method is looked at afterwards. So a method that a route does not take is 405, and never falls
// to a route with a wildcard.

/// <summary>Finds what takes a request: a path, then a method.</summary>
/// <typeparam name="T">What the routes lead to.</typeparam>
internal sealed class RouteTable<T>
    where T : class
{
    private readonly Node _root = new();

    /// <summary>Adds a route.</summary>
    /// <param name="pattern">Its paths.</param>
    /// <param name="methods">Its methods; none means all.</param>
    /// <param name="target">Where it leads.</param>
    /// <returns>The route that takes some of the same requests already, or null when it was added.</returns>
    public T? Add(RoutePattern pattern, IReadOnlyCollection<string> methods, T target)
    {
        Node node = _root;
        foreach (string segment in pattern.Segments)
        {
            node = RoutePattern.IsParameter(segment) ? node.Parameter ??= new Node() : node.Text(segment);
        }

        Leaf leaf = pattern.HasWildcard ? node.Wildcard ??= new Leaf() : node.End ??= new Leaf();
        return leaf.Add(new Route(pattern, [.. methods], target));
    }

    /// <summary>Finds the route of a request.</summary>
    /// <param name="path">The path, decoded, dot segments resolved.</param>
    /// <param name="method">The method.</param>
    /// <param name="target">Where the route leads, when the result is true.</param>
    /// <param name="match">What it made of the path, when the result is true.</param>
    /// <param name="allowed">When the result is false: the methods that the path takes; null when it has no route.</param>
    public bool TryFind(
        string path, string method, [NotNullWhen(true)] out T? target, out RouteMatch match, out IReadOnlyList<string>? allowed)
    {
        target = null;
        match = default;
        allowed = null;
        List<string> segments = _root.IsBare ? [] : SegmentsOf(path);
        if (Find(_root, segments, 0) is not Leaf leaf)
        {
            return false;
        }

        if (leaf.RouteFor(method) is not Route route)
        {
            allowed = leaf.Methods;
            return false;
        }

        target = route.Target;
        match = MatchOf(route.Pattern, path, segments);
        return true;
    }

    private static Leaf? Find(Node node, List<string> segments, int index)
    {
        if (index == segments.Count)
        {
            return node.End ?? node.Wildcard;
        }

        string segment = segments[index];
        Leaf? found = node.TryText(segment, out Node? next) ? Find(next, segments, index + 1) : null;
        if (found is null && segment.Length > 0 && node.Parameter is Node parameter)
        {
            found = Find(parameter, segments, index + 1);
        }

        return found ?? node.Wildcard;
    }

    /// <summary>The segments up to the last one that a route could name, and one more.</summary>
    private static List<string> SegmentsOf(string path)
    {
        var segments = new List<string>();
        int start = 1;
        while (start < path.Length && segments.Count <= RoutePattern.MaxSegments)
        {
            int end = path.IndexOf('/', start);
            end = end < 0 ? path.Length : end;
            segments.Add(path[start..end]);
            start = end + 1;
        }

        return segments;
    }

    private static RouteMatch MatchOf(RoutePattern pattern, string path, List<string> segments)
    {
        int length = 0;
        List<KeyValuePair<string, string>>? parameters = null;
        for (int i = 0; i < pattern.Segments.Count; i++)
        {
            length += 1 + segments[i].Length;
            if (RoutePattern.IsParameter(pattern.Segments[i]))
            {
                (parameters ??= []).Add(new(pattern.Segments[i][1..], segments[i]));
            }
        }

        // "/" is a name of no segments: all of the path is the component's own.
        return new RouteMatch(path[..length], path[length..], parameters ?? (IReadOnlyList<KeyValuePair<string, string>>)[]);
    }

    private sealed record Route(RoutePattern Pattern, string[] MethodList, T Target)
    {
        public bool Takes(string method) => MethodList.Length == 0 || MethodList.Contains(method, StringComparer.Ordinal)
            || (method == "HEAD" && MethodList.Contains("GET", StringComparer.Ordinal));
    }

    private sealed class Leaf
    {
        private readonly List<Route> _routes = [];
        private readonly Dictionary<string, Route> _byMethod = new(StringComparer.Ordinal);

        public IReadOnlyList<string> Methods => [.. _routes.SelectMany(route => route.MethodList)
            .SelectMany(method => method == "GET" ? ["GET", "HEAD"] : new[] { method }).Distinct().Order(StringComparer.Ordinal)];

        public T? Add(Route route)
        {
            // A route for all methods is the only one of its path.
            bool takesAll = route.MethodList.Length == 0 || _routes is [{ MethodList: [] }];
            Route? taken = takesAll ? _routes.FirstOrDefault()
                : route.MethodList.Select(method => _byMethod.GetValueOrDefault(method)).FirstOrDefault(other => other is not null);
            if (taken is not null)
            {
                return taken.Target;
            }

            _routes.Add(route);
            foreach (string method in route.MethodList)
            {
                _byMethod[method] = route;
            }

            return null;
        }

        // A route that names HEAD goes before one that takes it with GET.
        public Route? RouteFor(string method) =>
            _routes.Find(route => route.MethodList.Contains(method, StringComparer.Ordinal)) ?? _routes.Find(route => route.Takes(method));
    }

    private sealed class Node
    {
        private readonly Dictionary<string, Node> _texts = new(StringComparer.Ordinal);

        public Node? Parameter { get; set; }

        public Leaf? End { get; set; }

        public Leaf? Wildcard { get; set; }

        /// <summary>Whether no segment is worth a look.</summary>
        public bool IsBare => _texts.Count == 0 && Parameter is null && End is null;

        public Node Text(string segment) =>
            _texts.TryGetValue(segment, out Node? node) ? node : _texts[segment] = new Node();

        public bool TryText(string segment, [NotNullWhen(true)] out Node? node) => _texts.TryGetValue(segment, out node);
    }
}
