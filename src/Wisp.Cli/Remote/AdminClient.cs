using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Wisp.Host.Admin;
using Wisp.Host.Admin.Messages;
using Wisp.Permissions;

namespace Wisp.Cli.Remote;

/// <summary>Asks the API of a server.</summary>
internal sealed class AdminClient : IDisposable
{
    private const string NdJson = "application/x-ndjson";

    private readonly HttpClient _http;

    public AdminClient(Uri address, string token)
    {
        Address = address;
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,   // a token goes to the address that it is for
            UseCookies = false,
            UseProxy = !address.IsLoopback,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            Expect100ContinueTimeout = TimeSpan.FromSeconds(5),
            ActivityHeadersPropagator = null,
        })
        {
            BaseAddress = address,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        try
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
        catch (FormatException)
        {
            throw CommandException.Failed("what was given as a token is none: it starts with wisp_");
        }
    }

    public Uri Address { get; }

    /// <summary>Asks for something.</summary>
    /// <exception cref="RemoteException">The server refused.</exception>
    /// <exception cref="CommandException">It cannot be reached, or is none.</exception>
    public async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken stop)
    {
        using HttpResponseMessage response = await SendAsync(new HttpRequestMessage(HttpMethod.Get, path), stop).ConfigureAwait(false);
        return await ReadAsync(response, type, stop).ConfigureAwait(false);
    }

    /// <summary>Asks for a change that answers with something.</summary>
    public async Task<TAnswer> ChangeAsync<TBody, TAnswer>(
        HttpMethod method, string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TAnswer> answerType, CancellationToken stop)
    {
        using HttpResponseMessage response = await SendAsync(
            new HttpRequestMessage(method, path) { Content = ContentOf(body, bodyType) }, stop).ConfigureAwait(false);
        return await ReadAsync(response, answerType, stop).ConfigureAwait(false);
    }

    /// <summary>Asks for a change that answers with nothing.</summary>
    public async Task ChangeAsync<TBody>(HttpMethod method, string path, TBody body, JsonTypeInfo<TBody> bodyType, CancellationToken stop)
    {
        using HttpResponseMessage response = await SendAsync(
            new HttpRequestMessage(method, path) { Content = ContentOf(body, bodyType) }, stop).ConfigureAwait(false);
    }

    public async Task DeleteAsync(string path, CancellationToken stop)
    {
        using HttpResponseMessage response = await SendAsync(new HttpRequestMessage(HttpMethod.Delete, path), stop).ConfigureAwait(false);
    }

    /// <summary>Sends a bundle.</summary>
    /// <param name="path">Path and query.</param>
    /// <param name="bundle">The bundle, from its start.</param>
    /// <param name="digest">Its SHA-256.</param>
    /// <param name="step">Takes each line about how far it is.</param>
    /// <param name="stop">Stops waiting.</param>
    /// <returns>What came of it.</returns>
    public async Task<DeployResult> DeployAsync(
        string path, Stream bundle, ReadOnlyMemory<byte> digest, Action<DeployLine> step, CancellationToken stop)
    {
        var content = new StreamContent(bundle);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/gzip");
        content.Headers.Add(ContentDigest.Header, ContentDigest.Of(digest.Span));
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };

        // Who is refused for the token is told before the bundle is on its way.
        request.Headers.ExpectContinue = true;
        using HttpResponseMessage response = await SendAsync(request, stop).ConfigureAwait(false);
        await foreach (DeployLine line in LinesAsync(response, AdminJson.Reading.DeployLine, stop).ConfigureAwait(false))
        {
            if (line.Error is not null)
            {
                throw new RemoteException(0, line.Error);
            }

            if (line.Result is not null)
            {
                return line.Result;
            }

            step(line);
        }

        throw CommandException.Failed("the server ended its answer without saying what came of the deploy; wisp versions says");
    }

    /// <summary>Asks for lines that may go on for as long as the server runs.</summary>
    public async IAsyncEnumerable<T> FollowAsync<T>(string path, JsonTypeInfo<T> type, [EnumeratorCancellation] CancellationToken stop)
    {
        using HttpResponseMessage response = await SendAsync(new HttpRequestMessage(HttpMethod.Get, path), stop).ConfigureAwait(false);
        await foreach (T line in LinesAsync(response, type, stop).ConfigureAwait(false))
        {
            yield return line;
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken stop)
    {
        using (request)
        {
            HttpResponseMessage response;
            try
            {
                response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop).ConfigureAwait(false);
            }
            catch (HttpRequestException exception)
            {
                throw CommandException.Failed(
                    $"cannot reach the server at {ServerAddress.Text(Address)}: {(exception.InnerException ?? exception).Message}");
            }

            if (response.IsSuccessStatusCode)
            {
                return response;
            }

            using (response)
            {
                throw await FaultAsync(response, stop).ConfigureAwait(false);
            }
        }
    }

    private async Task<Exception> FaultAsync(HttpResponseMessage response, CancellationToken stop)
    {
        try
        {
            ErrorMessage error = await ReadAsync(response, AdminJson.Reading.ErrorMessage, stop).ConfigureAwait(false);
            return new RemoteException((int)response.StatusCode, error.Error);
        }
        catch (CommandException)
        {
            return CommandException.Failed(
                $"{ServerAddress.Text(Address)} answered {(int)response.StatusCode} {GuestText.Escape(response.ReasonPhrase ?? "")}, and not as the API of a wisp server does");
        }
    }

    private async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken stop)
    {
        try
        {
            Stream body = await response.Content.ReadAsStreamAsync(stop).ConfigureAwait(false);
            return await JsonSerializer.DeserializeAsync(body, type, stop).ConfigureAwait(false) ?? throw new JsonException("null");
        }
        catch (Exception exception) when (exception is JsonException or IOException or HttpRequestException)
        {
            throw CommandException.Failed($"{ServerAddress.Text(Address)} did not answer as the API of a wisp server: {exception.Message}");
        }
    }

    private async IAsyncEnumerable<T> LinesAsync<T>(
        HttpResponseMessage response, JsonTypeInfo<T> type, [EnumeratorCancellation] CancellationToken stop)
    {
        if (response.Content.Headers.ContentType?.MediaType != NdJson)
        {
            throw CommandException.Failed($"{ServerAddress.Text(Address)} did not answer as the API of a wisp server");
        }

        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(stop).ConfigureAwait(false));
        while (await NextAsync(reader, stop).ConfigureAwait(false) is string line)
        {
            T? read;
            try
            {
                read = JsonSerializer.Deserialize(line, type);
            }
            catch (JsonException exception)
            {
                throw CommandException.Failed($"{ServerAddress.Text(Address)} did not answer as the API of a wisp server: {exception.Message}");
            }

            if (read is not null)
            {
                yield return read;
            }
        }
    }

    private async Task<string?> NextAsync(StreamReader reader, CancellationToken stop)
    {
        try
        {
            return await reader.ReadLineAsync(stop).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            throw CommandException.Failed($"the connection to {ServerAddress.Text(Address)} was lost: {exception.Message}");
        }
    }

    private static ByteArrayContent ContentOf<T>(T body, JsonTypeInfo<T> type)
    {
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, type));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }
}
