namespace Wisp.Host.Admin;

/// <summary>A token as the server knows it: not what it is, but how to recognize it.</summary>
/// <param name="Name">Its name, which the audit log shows.</param>
/// <param name="Scope">What it may do.</param>
/// <param name="Hash">SHA-256 of its text, 32 bytes.</param>
/// <param name="Created">When it was made.</param>
internal sealed record AdminToken(string Name, AdminScope Scope, ReadOnlyMemory<byte> Hash, DateTimeOffset Created);
