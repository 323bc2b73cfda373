namespace Wisp;

/// <summary>A module cannot be instantiated because an import is missing or does not fit, or a limit of the store is met.</summary>
/// <param name="message">The reason in the specification's words first, then which import.</param>
public sealed class LinkException(string message) : Exception(message);
