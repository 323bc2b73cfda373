namespace Wisp.Host;

/// <summary>What answers a request in an instance.</summary>
/// <param name="Instance">The instance.</param>
/// <param name="Function">The function to call; null when the instance is in the middle of one, waiting for its input.</param>
internal readonly record struct ProgramEntry(Instance Instance, Function? Function)
{
    /// <summary>Runs the program to its end.</summary>
    public async ValueTask InvokeAsync(CancellationToken stop)
    {
        if (Function is null)
        {
            await Instance.ContinueAsync(stop).ConfigureAwait(false);
            return;
        }

        await Function.InvokeAsync(ReadOnlyMemory<Value>.Empty, stop).ConfigureAwait(false);
    }
}
