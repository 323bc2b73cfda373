namespace Wisp.Host.State;

/// <summary>A data folder cannot be used as it is; the message says why and what to do.</summary>
internal sealed class StateException : Exception
{
    public StateException(string message)
        : base(message)
    {
    }

    public StateException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
