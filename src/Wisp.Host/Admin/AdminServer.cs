using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Wisp.Host.Admin.Messages;
using Wisp.Host.Dashboard;
using Wisp.Host.Deployments;
using Wisp.Host.Routing;
using Wisp.Host.Tls;
using Wisp.Permissions;

namespace Wisp.Host.Admin;

// What a request meets, in this order:
//
//   host is no name of this machine, on a loopback address      421
//   path is a file of the dashboard                             the file
//   no token 401, a wrong one 401, too many wrong ones          429 with Retry-After
//   path has no endpoint                                        404
//   endpoint does not take the method                           405 with Allow
//   token's scope is less than the endpoint's                   403
//   a name, a number or a body that is not what it must be      400, 408, 413, 415
//   else                                                        the endpoint
//
// Who has no token learns nothing beyond the dashboard's files, not even which endpoints there are.

/// <summary>The HTTP API of a server, on a listener of its own. Thread safe.</summary>
internal sealed class AdminServer : IAsyncDisposable
{
    private readonly AdminServerOptions _options;
    private readonly AdminServices _services;
    private readonly Authenticator _authenticator;
    private readonly RouteTable<AdminEndpoint> _endpoints;
    private readonly KestrelListener _listener;
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Makes a server; it does not listen yet.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="services">What it gives access to.</param>
    /// <param name="transport">Where connections come from; null for sockets.</param>
    public AdminServer(AdminServerOptions options, AdminServices services, IConnectionSource? transport = null)
    {
        _options = options;
        _services = services;
        _authenticator = new Authenticator(services.Tokens, services.Audit, services.Clock);
        _endpoints = AdminEndpoints.Create(options, services, _stopping.Token);
        _listener = new KestrelListener(
            options.Listen, ServeAsync, transport, certificate: options.Tls is null ? null : new TlsCertificate(options.Tls, services.Failed));
    }

    /// <summary>Where it listens, as URLs with the port that was taken. Empty before the start.</summary>
    public IReadOnlyCollection<string> Addresses => _listener.Addresses;

    public Task StartAsync(CancellationToken cancellationToken = default) => _listener.StartAsync(cancellationToken);

    /// <summary>Accepts nothing new, ends what follows a log, and waits for the rest; past the token the connections are cut.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _listener.StopAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync().ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task ServeAsync(HttpContext context)
    {
        try
        {
            SecurityHeaders.AddTo(context.Response.Headers);
            await AnswerAsync(context).ConfigureAwait(false);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // There is nobody left to answer.
        }
        catch (Exception exception)
        {
            if (exception is not (AdminFault or DeployException or BadHttpRequestException))
            {
                _services.Failed($"{context.Request.Method} {GuestText.Quote(context.Request.Path.Value ?? string.Empty)}: {exception}");
            }

            // Half an answer must not look like a whole one.
            if (context.Response.HasStarted)
            {
                context.Abort();
                return;
            }

            await RefuseAsync(context, exception).ConfigureAwait(false);
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (IPAddress.IsLoopback(_options.Listen.Address) && !LocalHosts.Includes(context.Request.Host))
        {
            throw new AdminFault(421, "wrong-host", "this address answers only to localhost, 127.0.0.1 and [::1]");
        }

        HttpRequest request = context.Request;
        if (DashboardFiles.Find(request.Path.Value) is DashboardFile file)
        {
            // The page holds no secret; what it shows it asks for with a token.
            await DashboardAnswer.SendAsync(context, file).ConfigureAwait(false);
            return;
        }

        AdminToken token = _authenticator.Authenticate(request.Headers.Authorization, context.Connection.RemoteIpAddress);
        if (!_endpoints.TryFind(
            request.Path.Value ?? string.Empty, request.Method, out AdminEndpoint? endpoint, out RouteMatch match, out IReadOnlyList<string>? allowed))
        {
            if (allowed is null)
            {
                throw new AdminFault(404, "no-such-endpoint", "there is no such endpoint");
            }

            context.Response.Headers.Allow = string.Join(", ", allowed);
            throw new AdminFault(405, "wrong-method", "the endpoint does not take this method");
        }

        if (token.Scope < endpoint.Scope)
        {
            string scope = AdminScopes.NameOf(endpoint.Scope);
            throw new AdminFault(403, "scope-missing", $"this takes a token with the scope {scope}; {token.Name} has {AdminScopes.NameOf(token.Scope)}")
            {
                Needs = endpoint.Scope,
            };
        }

        KestrelListener.LimitBody(context, endpoint.MaxBodyBytes);
        await endpoint.Serve(new AdminRequest(context, token, match.Parameters)).ConfigureAwait(false);
    }

    private static Task RefuseAsync(HttpContext context, Exception exception)
    {
        (int status, ErrorBody error) = Describe(exception);
        HttpResponse response = context.Response;
        if (exception is AdminFault fault)
        {
            response.Headers.RetryAfter = fault.RetryAfter?.ToString(System.Globalization.CultureInfo.InvariantCulture);
            response.Headers.WWWAuthenticate = fault.Status switch
            {
                401 => "Bearer realm=\"wisp\"",
                403 when fault.Needs is AdminScope scope => $"Bearer realm=\"wisp\", error=\"insufficient_scope\", scope=\"{AdminScopes.NameOf(scope)}\"",
                _ => default(string),
            };
        }

        return AdminRequest.SendAsync(context, status, JsonSerializer.SerializeToUtf8Bytes(new ErrorMessage(error), AdminJson.Default.ErrorMessage));
    }

    /// <summary>What an answer says about a failure. Of failures that are our own it says nothing.</summary>
    public static (int Status, ErrorBody Error) Describe(Exception exception) => exception switch
    {
        AdminFault fault => (fault.Status, new ErrorBody(fault.Code, fault.Message)
        {
            Scope = fault.Needs is AdminScope scope ? AdminScopes.NameOf(scope) : null,
        }),
        DeployException refused => (AdminFault.StatusOf(refused), new ErrorBody(refused.Code, refused.Message)
        {
            Permissions = refused.Permissions is PermissionDifference difference
                ? new PermissionsMessage(difference.Added, difference.Removed) : null,
        }),
        BadHttpRequestException bad => (bad.StatusCode, new ErrorBody(bad.StatusCode == 413 ? "too-large" : "bad-request", bad.Message)),
        _ => (500, new ErrorBody("internal", "the server failed; its log says why")),
    };
}
