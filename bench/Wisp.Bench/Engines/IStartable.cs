namespace Wisp.Bench.Engines;

/// <summary>A module whose imports are bound, so that nothing is left but to make instances of it.</summary>
internal interface IStartable : IDisposable
{
    /// <summary>Makes a store with an instance, and frees both.</summary>
    /// <param name="calls">Whether to call the export <c>touch</c>, with neither arguments nor results, in between.</param>
    void StartAndDrop(bool calls);
}
