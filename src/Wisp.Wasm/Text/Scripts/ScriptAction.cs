namespace Wisp.Wasm.Text.Scripts;

/// <summary><c>(invoke $instance "name" value*)</c> or <c>(get $instance "name")</c>.</summary>
/// <param name="Instance">Name of the instance; null for the last one.</param>
/// <param name="Export">The export called or read.</param>
/// <param name="Arguments">For a call, its arguments; null for a read.</param>
internal sealed record ScriptAction(string? Instance, string Export, ScriptValue[]? Arguments);
