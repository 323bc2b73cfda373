namespace Wisp.Host;

/// <summary>Where a listener's certificate is.</summary>
/// <param name="Certificate">A PEM file: the certificate, then those that lead from it to a known one.</param>
/// <param name="Key">A PEM file with its private key; may be the same.</param>
public sealed record TlsFiles(string Certificate, string Key);
