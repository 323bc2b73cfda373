using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Wisp.Host.Admin.Messages;
using Wisp.Host.Deployments;

namespace Wisp.Host.Admin;

/// <summary>Takes new versions, and says how far it is while it takes them.</summary>
internal sealed class DeployEndpoint(AdminServerOptions options, AdminServices services)
{
    // Slower than this, with some time to start, is nobody who uploads.
    private static readonly MinDataRate LeastRate = new(bytesPerSecond: 1024, gracePeriod: TimeSpan.FromSeconds(20));

    private int _running;

    public async Task DeployAsync(AdminRequest request)
    {
        HttpContext context = request.Context;
        if (!ContentDigest.TryRead(context.Request.Headers[ContentDigest.Header], out byte[] digest))
        {
            throw AdminFault.BadRequest("digest-missing", $"expected {ContentDigest.Header}: sha-256=:…:, the SHA-256 of the body in base 64");
        }

        var deploy = new DeployRequest(request.App, context.Request.Body, digest, request.By)
        {
            Canary = (int?)request.Number("canary", 1, 99),
            AcceptsPermissions = request.Flag("accept-permissions"),
        };
        if (context.Request.ContentLength > options.MaxBundleBytes)
        {
            throw new AdminFault(413, "too-large", $"a bundle has at most {options.MaxBundleBytes} bytes");
        }

        if (Interlocked.Increment(ref _running) > options.MaxDeploys)
        {
            Interlocked.Decrement(ref _running);
            throw new AdminFault(503, "busy", $"{options.MaxDeploys} deploys run already") { RetryAfter = 1 };
        }

        try
        {
            if (HttpProtocol.IsHttp11(context.Request.Protocol) && context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
            {
                rate.MinDataRate = LeastRate;
            }

            await AnswerAsync(context, deploy).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    private async Task AnswerAsync(HttpContext context, DeployRequest deploy)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        end.CancelAfter(options.MaxDeployTime);
        var lines = new DeployLines();
        Task<DeployLine> last = RunAsync(deploy, lines, context.RequestAborted, end.Token);
        context.Response.ContentType = "application/x-ndjson";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await lines.SendAsync(context.Response.Body, context.RequestAborted).ConfigureAwait(false);
        await DeployLines.WriteAsync(context.Response.Body, await last.ConfigureAwait(false), context.RequestAborted).ConfigureAwait(false);
    }

    private async Task<DeployLine> RunAsync(DeployRequest deploy, DeployLines lines, CancellationToken gone, CancellationToken end)
    {
        try
        {
            AppStatus app = await services.Deployments.DeployAsync(deploy, lines, end).ConfigureAwait(false);
            return new DeployLine { Result = new DeployResult(app.Name, app.Latest, AppEndpoints.TrafficOf(app), [.. services.UrlsOf(app)]) };
        }
        catch (OperationCanceledException) when (!gone.IsCancellationRequested && end.IsCancellationRequested)
        {
            return new DeployLine { Error = new ErrorBody("too-slow", $"the deploy was not done within {options.MaxDeployTime.TotalMinutes} minutes") };
        }
        catch (Exception exception) when (!gone.IsCancellationRequested)
        {
            (int status, ErrorBody error) = AdminServer.Describe(exception);
            if (status == StatusCodes.Status500InternalServerError)
            {
                services.Failed($"deploy of {deploy.App} failed: {exception}");
            }

            return new DeployLine { Error = error };
        }
        finally
        {
            lines.Complete();
        }
    }
}
