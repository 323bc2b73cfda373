namespace Wisp.Host.Cgi;

/// <summary>A program's output is not an answer that can be sent; the message goes to the log, not to the client.</summary>
internal sealed class CgiException(string message) : Exception(message);
