namespace Wisp.Host.Bundles;

/// <summary>A bundle cannot be made, or what was sent is none; the message says why.</summary>
internal sealed class BundleException : Exception
{
    public BundleException(string message)
        : base(message)
    {
    }

    public BundleException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
