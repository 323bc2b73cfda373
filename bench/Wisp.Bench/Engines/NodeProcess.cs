using System.Text.Json;

namespace Wisp.Bench.Engines;

/// <summary>V8 in node, behind v8.mjs: one process for each program, which compiles it once and runs it as often as asked.</summary>
internal static class NodeProcess
{
    // Only the optimizing compiler, and all of a module at once: the other engines also compile before the clock starts, and how soon
    // V8 changes from its first compiler to the second is not what is compared.
    private static readonly string[] Flags =
        ["--no-warnings", "--no-liftoff", "--no-wasm-tier-up", "--no-wasm-lazy-compilation", "--stack-size=4000"];

    /// <summary>Version of node and of its V8, or null when there is no node.</summary>
    public static string? Version { get; } =
        PeerProcess.FirstLineOf("node", "-p", "'node ' + process.version + ' (V8 ' + process.versions.v8 + ')'");

    public static PeerProcess Start(string wasm) =>
        new("node", [.. Flags, Path.Combine(AppContext.BaseDirectory, "v8.mjs"), wasm]);

    /// <summary>Sends a request and gives the answer's properties.</summary>
    public static JsonElement Ask(PeerProcess node, object request)
    {
        using JsonDocument answer = JsonDocument.Parse(node.Ask(JsonSerializer.Serialize(request)));
        return answer.RootElement.Clone();
    }
}
