using Wisp.Host.Admin.Messages;
using Wisp.Host.Deployments;
using Wisp.Host.Manifests;

namespace Wisp.Host.Admin;

/// <summary>The endpoints about secrets. Values come in and never go out.</summary>
internal sealed class SecretEndpoints(IDeployments deployments)
{
    /// <summary>Characters of a value.</summary>
    public const int MaxValueLength = 32 * 1024;

    public Task ListAsync(AdminRequest request) => request.AnswerAsync(
        [.. deployments.Secrets(request.App).Select(secret => new SecretMessage(secret.Name, secret.Changed))],
        AdminJson.Default.IReadOnlyListSecretMessage);

    public async Task SetAsync(AdminRequest request)
    {
        string app = request.App;
        string name = request.Name("name", TextTypes.VariableName);
        string value = (await request.ReadAsync(AdminJson.Default.SecretValueMessage).ConfigureAwait(false)).Value;
        if (value.Length > MaxValueLength || value.Contains('\0', StringComparison.Ordinal))
        {
            throw AdminFault.BadRequest("bad-value", $"a secret has at most {MaxValueLength} characters, none of them zero");
        }

        await deployments.SetSecretAsync(app, name, value, request.By).ConfigureAwait(false);
        request.AnswerNothing();
    }

    public async Task DeleteAsync(AdminRequest request)
    {
        await deployments.DeleteSecretAsync(request.App, request.Name("name", TextTypes.VariableName), request.By).ConfigureAwait(false);
        request.AnswerNothing();
    }
}
