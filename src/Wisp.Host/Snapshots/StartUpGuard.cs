using Wisp.Stacks;

namespace Wisp.Host.Snapshots;

// What a program may ask while its start-up is kept for all its instances. Everything in the snapshot is the same in each of them, lies
// on the disk in the clear, and outlives the grant that it was taken under. So a call is let through only when its answer
//
// 1. is the same for each instance: arguments (unless a secret is among them), descriptors that are there from the start;
// 2. is granted as the same: a fixed clock, seeded random numbers (how many were taken is noted, and instances go on behind them);
// 3. or is none: standard error.
//
// Real random numbers are the worst of the rest: hash seeds, session keys and nonces drawn at start-up would be the same in every
// instance. A clock would stand at the time of the snapshot. Everything that is not named here ends the attempt.

/// <summary>Stands before the functions of WASI while a start-up runs whose outcome is kept.</summary>
internal sealed class StartUpGuard(SnapshotRequest request, bool holdsInput) : IHostCallGuard
{
    private const int StandardInput = 0;
    private const int StandardOutput = 1;
    private const int StandardError = 2;

    private readonly TaskCompletionSource _hold = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the program waits for its input.</summary>
    public Task Held => _hold.Task;

    /// <inheritdoc/>
    public void Ask(string name, int first)
    {
        if (Reason(name, first) is string reason)
        {
            throw new SnapshotRefusedException($"start-up calls {name}: {reason}");
        }
    }

    /// <inheritdoc/>
    public bool Holds(string name, int first) => IsInput(name, first);

    /// <inheritdoc/>
    public async ValueTask HoldAsync(CancellationToken givenUp)
    {
        _hold.TrySetResult();
        await Task.Delay(Timeout.InfiniteTimeSpan, givenUp).ConfigureAwait(false);
    }

    private bool IsInput(string name, int descriptor) => holdsInput && name == "fd_read" && descriptor == StandardInput;

    private string? Reason(string name, int first) => name switch
    {
        "fd_read" when IsInput(name, first) => null,
        "sched_yield" or "clock_res_get" => null,
        "fd_prestat_get" or "fd_prestat_dir_name" => null,   // guest paths, which the manifest says
        "fd_fdstat_get" or "fd_seek" or "fd_tell" when first is >= StandardInput and <= StandardError => null,
        "fd_write" when first == StandardError => null,
        "args_get" or "args_sizes_get" => request.HasSecretArguments
            ? "a secret is among its arguments, which must not be in a snapshot; pass it as an environment variable instead"
            : null,
        "clock_time_get" => request.Grant.Clock.FixedAt is null
            ? "a snapshot would keep the time at which it was taken; ask for it later, or grant permissions.clock = \"fixed=…\""
            : null,
        "random_get" => request.Grant.Random.Seed is null
            ? "every instance would have the same random numbers, which is no randomness at all; draw them later, or grant permissions.random = \"seeded=…\""
            : null,
        "environ_get" or "environ_sizes_get" =>
            "each request has its own environment, and secrets are in it, so a snapshot must not hold any; read it later",
        "fd_write" or "fd_pwrite" when first == StandardOutput =>
            "what it writes to standard output would be missing in the answers of all instances; write it later",
        "fd_read" when first == StandardInput => "standard input is the body of a request, and there is none yet; read it in handle",
        "poll_oneoff" => "start-up cannot wait for time, input or files; do it later",
        "proc_exit" or "proc_raise" => holdsInput
            ? "the program ends before it reads standard input, which is where its snapshot would have been taken"
            : "the program ends before it is ready for requests",
        "path_open" or "fd_readdir" => "granted directories are not open yet, as a snapshot must not hold them; read files later",
        _ when name.StartsWith("sock_", StringComparison.Ordinal) => "there is no network yet, as a snapshot must not hold sockets; use it later",
        _ => "its effect or its answer cannot be kept in a snapshot; do it later",
    };
}
