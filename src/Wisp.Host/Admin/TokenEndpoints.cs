using Wisp.Host.Admin.Messages;
using Wisp.Host.Manifests;
using Wisp.Permissions;

namespace Wisp.Host.Admin;

/// <summary>The endpoints about who may ask, and who did what.</summary>
internal sealed class TokenEndpoints(AdminServices services)
{
    private const int MaxEntries = 1000;
    private const int DefaultEntries = 100;
    private const int MaxTokens = 1000;   // each request is compared with all of them

    private readonly ITokenStore _tokens = services.Tokens;
    private readonly Lock _lock = new();   // that the last token that may make tokens stays

    public Task ListAsync(AdminRequest request) => request.AnswerAsync(
        [.. _tokens.List().Select(token => new TokenMessage(token.Name, AdminScopes.NameOf(token.Scope), token.Created))],
        AdminJson.Default.IReadOnlyListTokenMessage);

    public async Task CreateAsync(AdminRequest request)
    {
        NewTokenMessage asked = await request.ReadAsync(AdminJson.Default.NewTokenMessage).ConfigureAwait(false);
        if (TextTypes.AppName.Check!(asked.Name) is not null)
        {
            throw AdminFault.BadRequest(
                "bad-name", $"{GuestText.Quote(asked.Name)}: a token's name starts with a lower case letter, then letters, digits and -");
        }

        if (!AdminScopes.TryParse(asked.Scope, out AdminScope scope))
        {
            throw AdminFault.BadRequest("bad-scope", $"{GuestText.Quote(asked.Scope)}: expected {string.Join(", ", AdminScopes.Names)}");
        }

        string text = TokenText.Create();
        var token = new AdminToken(asked.Name, scope, TokenText.HashOf(text), services.Clock.GetUtcNow());
        lock (_lock)
        {
            if (_tokens.List().Count >= MaxTokens)
            {
                throw new AdminFault(409, "too-many-tokens", $"there are {MaxTokens} tokens already");
            }

            if (!_tokens.TryAdd(token, request.By))
            {
                throw new AdminFault(409, "name-taken", $"there is a token {asked.Name} already");
            }
        }

        await request.AnswerAsync(
            new TokenMessage(token.Name, asked.Scope, token.Created) { Token = text }, AdminJson.Default.TokenMessage, status: 201).ConfigureAwait(false);
    }

    public Task DeleteAsync(AdminRequest request)
    {
        string name = request.Name("name", TextTypes.AppName);
        lock (_lock)
        {
            IReadOnlyList<AdminToken> all = _tokens.List();
            if (all.Any(token => token.Name == name) && !all.Any(token => token.Name != name && token.Scope == AdminScope.Admin))
            {
                throw new AdminFault(409, "last-token", $"{name} is the last token with the scope admin; make another one first");
            }

            if (!_tokens.Remove(name, request.By))
            {
                throw new AdminFault(404, "no-such-token", $"there is no token {name}");
            }
        }

        request.AnswerNothing();
        return Task.CompletedTask;
    }

    public Task AuditAsync(AdminRequest request) => request.AnswerAsync(
        [.. services.Audit.Latest((int)(request.Number("limit", 1, MaxEntries) ?? DefaultEntries), request.Number("before", 1, long.MaxValue))
            .Select(entry => new AuditMessage(entry.Number, entry.Time, entry.By, entry.Action, entry.App, entry.Detail))],
        AdminJson.Default.IReadOnlyListAuditMessage);
}
