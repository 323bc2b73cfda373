namespace Wisp.Bench.Load;

/// <summary>One kind of request of the mixed load, and the only answer that is right.</summary>
/// <param name="Name">What the report calls it.</param>
/// <param name="Weight">How often it comes, among the others.</param>
/// <param name="Make">Makes a request of the kind.</param>
internal sealed record LoadKind(string Name, int Weight, Func<Random, LoadRequest> Make);

/// <summary>A request with its answer.</summary>
/// <param name="App">The app that it goes to.</param>
/// <param name="Method">Its method.</param>
/// <param name="Path">Path and query.</param>
/// <param name="Body">Its body, or null.</param>
/// <param name="Status">The status that must come.</param>
/// <param name="Answer">The body that must come; null where only the status counts.</param>
internal sealed record LoadRequest(string App, string Method, string Path, byte[]? Body, int Status, byte[]? Answer);
