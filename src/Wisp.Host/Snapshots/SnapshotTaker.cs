using Wisp.Abi.Images;

namespace Wisp.Host.Snapshots;

// A snapshot is taken of two runs and used after two answers:
//
//   image ─┬─► start-up in an engine ──────────┐ the same state?        image of      the same answer?
//          └─► start-up in another engine ─────┴──────────────► snapshot ─────► with ──────────────────► used
//                                                                image ───────► without
//
// The two runs show that nothing came into the state that differs from run to run; StartUpGuard has let nothing through that would,
// so a difference is a fault of it or of the program. The answers show that the program does not care when its start-up was.

/// <summary>Takes snapshots of programs after their start-up: of reactors when <c>_initialize</c> has returned, of commands when they want
/// to read from standard input for the first time.</summary>
internal static class SnapshotTaker
{
    /// <summary>How long start-up may take, and each answer to the probe.</summary>
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(60);

    /// <summary>Runs a program's start-up and makes an image of what it left, whose instances need not run it again.</summary>
    /// <param name="module">The program, not a snapshot yet. It stays the caller's.</param>
    /// <param name="request">What it will be given.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The bytes of a <c>.wisp</c> file, for <see cref="Module.FromImage(Engine, ReadOnlyMemory{byte})"/>.</returns>
    /// <exception cref="SnapshotRefusedException">It cannot be done. The message says what prevents it.</exception>
    /// <exception cref="IOException">A granted directory cannot be opened.</exception>
    public static async Task<byte[]> TakeAsync(Module module, SnapshotRequest request, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stop.CancelAfter(MaxTime);
        byte[] snapshot;
        try
        {
            snapshot = await TakeUnprovenAsync(module, request, stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SnapshotRefusedException($"start-up takes more than {MaxTime.TotalSeconds} seconds");
        }

        await new SnapshotProbe(module, request, MaxTime).CompareAsync(snapshot, cancellationToken).ConfigureAwait(false);
        return snapshot;
    }

    private static async Task<byte[]> TakeUnprovenAsync(Module module, SnapshotRequest request, CancellationToken stop)
    {
        ProgramForm form = FormOf(module, request);
        byte[] image = module.ToImage();
        await using var one = new StartUpRun(module.Engine.Options, request, image, form);
        await using var two = new StartUpRun(module.Engine.Options, request, image, form);
        await Task.WhenAll(Task.Run(() => one.RunAsync(stop), stop), Task.Run(() => two.RunAsync(stop), stop)).ConfigureAwait(false);
        try
        {
            return one.Instance.ToImage(two.Instance, one.Notes.ToBytes());
        }
        catch (Exception exception) when (exception is SnapshotException or ImageException)
        {
            throw new SnapshotRefusedException($"what start-up leaves cannot be kept: {exception.Message}");
        }
    }

    private static ProgramForm FormOf(Module module, SnapshotRequest request)
    {
        try
        {
            return ProgramForm.Of(module, request.Arguments[0]);
        }
        catch (LinkException exception)
        {
            throw new SnapshotRefusedException(exception.Message);
        }
    }
}
