namespace Wisp.Host.Dashboard;

/// <summary>One file of the dashboard, as it lies in the binary.</summary>
/// <param name="Path">Path of the request that it answers.</param>
/// <param name="Bytes">Its content.</param>
/// <param name="ContentType">Value of the header.</param>
/// <param name="ETag">Value of the header, with its quotes: part of the SHA-256 of the content.</param>
internal sealed record DashboardFile(string Path, ReadOnlyMemory<byte> Bytes, string ContentType, string ETag);
