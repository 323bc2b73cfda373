using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Wisp.Host.Manifests;
using Wisp.Permissions;

namespace Wisp.Host.Admin;

/// <summary>A request to the API whose token is known and may do what it asks for.</summary>
internal sealed class AdminRequest(HttpContext context, AdminToken token, IReadOnlyList<KeyValuePair<string, string>> parameters)
{
    /// <summary>Bytes of a body that is JSON.</summary>
    public const int MaxJsonBytes = 64 * 1024;

    private static readonly TimeSpan JsonPatience = TimeSpan.FromSeconds(30);

    public HttpContext Context { get; } = context;

    /// <summary>Name of the token, for the audit log.</summary>
    public string By => token.Name;

    public AdminToken Token => token;

    /// <summary>Ends with the connection.</summary>
    public CancellationToken Gone => Context.RequestAborted;

    /// <summary>The app that the path names.</summary>
    public string App => Name("app", TextTypes.AppName);

    /// <summary>A name in the path.</summary>
    /// <exception cref="AdminFault">It is no such name.</exception>
    public string Name(string parameter, TextType type)
    {
        string text = parameters.First(pair => pair.Key == parameter).Value;
        return type.Check!(text) is string fault ? throw AdminFault.BadRequest("bad-name", fault) : text;
    }

    /// <summary>A value in the query, or null.</summary>
    public string? Query(string name)
    {
        Microsoft.Extensions.Primitives.StringValues values = Context.Request.Query[name];
        return values.Count <= 1 ? values : throw AdminFault.BadRequest("bad-query", $"{name} stands more than once in the query");
    }

    public bool Flag(string name) => Query(name) switch
    {
        null or "false" => false,
        "" or "true" => true,
        string other => throw AdminFault.BadRequest("bad-query", $"{name}={GuestText.Quote(other)}: expected true or false"),
    };

    /// <summary>A number in the query.</summary>
    public long? Number(string name, long least, long most)
    {
        string? text = Query(name);
        return text is null ? null
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number >= least && number <= most ? number
            : throw AdminFault.BadRequest("bad-query", $"{name}={GuestText.Quote(text)}: expected a number from {least} to {most}");
    }

    /// <summary>Reads a small body.</summary>
    /// <exception cref="AdminFault">It is too large, comes too slowly, or is not what was expected.</exception>
    public async Task<T> ReadAsync<T>(JsonTypeInfo<T> type)
        where T : class
    {
        if (Context.Request.ContentType?.Split(';')[0].Trim().Equals("application/json", StringComparison.OrdinalIgnoreCase) != true)
        {
            throw new AdminFault(415, "bad-content-type", "expected Content-Type: application/json");
        }

        byte[] body = await ReadBodyAsync().ConfigureAwait(false);
        try
        {
            return JsonSerializer.Deserialize(body, type) ?? throw AdminFault.BadRequest("bad-json", "null is not what was expected");
        }
        catch (JsonException exception)
        {
            throw AdminFault.BadRequest("bad-json", GuestText.Escape(exception.Message));
        }
    }

    public Task AnswerAsync<T>(T message, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK) =>
        SendAsync(Context, status, JsonSerializer.SerializeToUtf8Bytes(message, type));

    public void AnswerNothing() => Context.Response.StatusCode = StatusCodes.Status204NoContent;

    public static async Task SendAsync(HttpContext context, int status, byte[] json)
    {
        HttpResponse response = context.Response;
        response.StatusCode = status;
        response.ContentType = "application/json";
        response.ContentLength = json.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(json, context.RequestAborted).ConfigureAwait(false);
        }
    }

    private async Task<byte[]> ReadBodyAsync()
    {
        if (Context.Request.ContentLength > MaxJsonBytes)
        {
            throw TooLarge();
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Gone);
        patience.CancelAfter(JsonPatience);
        byte[] body = new byte[MaxJsonBytes + 1];
        int length;
        try
        {
            length = await Context.Request.Body.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!Gone.IsCancellationRequested)
        {
            throw new AdminFault(408, "too-slow", $"the body did not come within {JsonPatience.TotalSeconds} s");
        }

        return length <= MaxJsonBytes ? body[..length] : throw TooLarge();
    }

    private static AdminFault TooLarge() => new(413, "too-large", $"a body of JSON has at most {MaxJsonBytes} bytes");
}
