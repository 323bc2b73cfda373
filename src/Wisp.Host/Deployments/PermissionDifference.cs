namespace Wisp.Host.Deployments;

/// <summary>What a version asks for beside what was accepted before. Each line names the component and reads as in a manifest:
/// <c>shop: permissions.net = ["https://api.example.com"]</c>.</summary>
/// <param name="Added">Asked for, not accepted yet.</param>
/// <param name="Removed">Accepted, no longer asked for.</param>
internal sealed record PermissionDifference(IReadOnlyList<string> Added, IReadOnlyList<string> Removed);
