namespace Wisp.Memories;

/// <summary>What has pools to be trimmed.</summary>
internal interface ITrimmed
{
    /// <summary>Gives back what nobody needed since the last time.</summary>
    /// <returns>Whether there is more, for the next time.</returns>
    bool Trim();
}
