using System.Collections.Immutable;
using Wisp.Host.Cgi;
using Wisp.Host.Invocations;
using Wisp.Permissions;
using Wisp.Wasi;

namespace Wisp.Host.Snapshots;

// Both are asked GET at the same path, at the same fixed time, with the same seeded random numbers. They may read what they were granted
// to read, but neither writes nor reaches the network: a deploy must have no effect before it is one.

/// <summary>Asks a program the same with and without its snapshot.</summary>
internal sealed class SnapshotProbe(Module module, SnapshotRequest request, TimeSpan maxTime)
{
    private const ulong Seed = 1;

    private static readonly DateTimeOffset Time = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Compares the two answers.</summary>
    /// <param name="snapshot">The snapshot's image.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="SnapshotRefusedException">They differ.</exception>
    public async Task CompareAsync(byte[] snapshot, CancellationToken stop)
    {
        using var ready = Module.FromImage(module.Engine, snapshot);
        ProbeAnswer without = await AskAsync(module, stop).ConfigureAwait(false);
        ProbeAnswer with = await AskAsync(ready, stop).ConfigureAwait(false);
        if (ProbeAnswer.Difference(without, with) is string difference)
        {
            throw new SnapshotRefusedException($"GET {request.ProbePath} is answered differently after the snapshot: {difference}");
        }
    }

    private async Task<ProbeAnswer> AskAsync(Module asked, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stop.CancelAfter(maxTime);
        var output = new ProbeOutput(stop.Cancel);
        var program = new FunctionProgram(asked, new PermissionGate(ProbeGrant(), request.Arguments[0]), request.Arguments, request.Limits);
        var run = new ProgramRun(program, request.Limits with { TimeSlice = ComponentLimits.DefaultTimeSlice });
        try
        {
            uint code = await run.RunAsync(new ProgramStreams(ByteSource.Empty, output, ByteSink.Null), Variables(), stop.Token)
                .ConfigureAwait(false);
            return new ProbeAnswer($"ends with code {code}", output.ToArray());
        }
        catch (TrapException trap)
        {
            return new ProbeAnswer($"traps ({trap.Kind})", output.ToArray());
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return output.IsFull
                ? new ProbeAnswer("goes on", output.ToArray())
                : throw new SnapshotRefusedException($"GET {request.ProbePath} is not answered within {maxTime.TotalSeconds} seconds");
        }
    }

    private Grant ProbeGrant() => request.Grant with
    {
        Directories = [.. request.Grant.Directories.Select(directory => directory with { Access = DirectoryAccess.ReadOnly })],
        Network = ImmutableArray<NetworkRule>.Empty,
        Clock = request.Grant.Clock.FixedAt is null ? new ClockGrant(Time) : request.Grant.Clock,
        Random = request.Grant.Random.Seed is null ? new RandomGrant(Seed) : request.Grant.Random,
    };

    private List<KeyValuePair<string, string>> Variables() =>
    [
        new("GATEWAY_INTERFACE", "CGI/1.1"),
        new("SERVER_SOFTWARE", CgiEnvironment.Software),
        new("SERVER_PROTOCOL", "HTTP/1.1"),
        new("REQUEST_METHOD", "GET"),
        new("SCRIPT_NAME", string.Empty),
        new("PATH_INFO", request.ProbePath),
        new("QUERY_STRING", string.Empty),
        new("REQUEST_URI", request.ProbePath),
        new("SERVER_NAME", "localhost"),
        new("SERVER_PORT", "80"),
        new("REMOTE_ADDR", "127.0.0.1"),
        new("REMOTE_PORT", "1"),
        new("HTTP_HOST", "localhost"),
    ];
}
