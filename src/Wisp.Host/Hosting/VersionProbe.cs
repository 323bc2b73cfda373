using Wisp.Host.Apps;
using Wisp.Host.Deployments;
using Wisp.Host.Invocations;
using Wisp.Host.Requests;
using Wisp.Host.Telemetry;
using Wisp.Wasm;

namespace Wisp.Host.Hosting;

/// <summary>Tries versions before anybody is sent to them: each component can be instantiated, and the health path answers below 500.</summary>
/// <param name="loader">Loads versions.</param>
/// <param name="log">Takes the line of the request for the health path.</param>
/// <param name="numbers">Numbers it.</param>
/// <param name="timeout">How long the answer may take.</param>
internal sealed class VersionProbe(VersionLoader loader, IInvocationSink log, InvocationNumbers numbers, TimeSpan timeout)
{
    /// <summary>Tries a version.</summary>
    /// <exception cref="DeployException">It does not work; the message says why.</exception>
    public async Task RunAsync(DeployedVersion version, CancellationToken cancellationToken)
    {
        // Loading runs start functions of its programs: not in the caller's thread.
        App app = await Task.Run(() => Load(version), cancellationToken).ConfigureAwait(false);
        AppClient client;
        try
        {
            client = await AppClient.StartAsync(app, log, cancellationToken, numbers).ConfigureAwait(false);
        }
        catch
        {
            app.ReleaseUse();
            throw;
        }

        await using (client.ConfigureAwait(false))
        {
            if (version.Manifest.Health is string health)
            {
                await AskAsync(client, health, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task AskAsync(AppClient client, string path, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(timeout);
        try
        {
            AppAnswer answer = await client.SendAsync(new AppRequest("GET", path, [], default), end.Token).ConfigureAwait(false);
            if (answer.Status >= 500)
            {
                throw Failed($"GET {path} answered {answer.Status} {answer.Reason}");
            }
        }
        catch (HttpRequestException exception)
        {
            throw Failed($"GET {path} gave no whole answer: {exception.Message}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Failed($"GET {path} gave no answer within {timeout.TotalSeconds:0.###} s");
        }
    }

    private App Load(DeployedVersion version)
    {
        try
        {
            return loader.Load(version);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or LinkException or TrapException or WasmException)
        {
            throw Failed(exception.Message);
        }
    }

    private static DeployException Failed(string message) => new("probe-failed", message);
}
