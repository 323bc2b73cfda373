using System.Text;
using Wisp.Host.Requests;
using Wisp.Permissions;

namespace Wisp.Host.Testing;

/// <summary>A request, and what its answer must be.</summary>
/// <param name="Name">What it shows.</param>
/// <param name="Place">File and line.</param>
/// <param name="Request">The request.</param>
internal sealed record TestCase(string Name, string Place, AppRequest Request)
{
    public int Status { get; init; } = 200;

    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>The whole body, or null when it does not matter.</summary>
    public string? Body { get; init; }

    /// <summary>Texts in the body.</summary>
    public IReadOnlyList<string> Contains { get; init; } = [];

    /// <summary>What is wrong with an answer; nothing when the case passes.</summary>
    public IEnumerable<string> FaultsOf(AppAnswer answer)
    {
        string body = Encoding.UTF8.GetString(answer.Body);
        if (answer.Status != Status)
        {
            yield return $"status: expected {Status}, got {answer.Status} {answer.Reason}";
        }

        foreach (KeyValuePair<string, string> header in Headers)
        {
            string[] values = [.. answer.Headers.Where(found => found.Key.Equals(header.Key, StringComparison.OrdinalIgnoreCase)).Select(found => found.Value)];
            if (string.Join(", ", values) != header.Value)
            {
                yield return $"header {header.Key}: expected {GuestText.Quote(header.Value)}, "
                    + (values.Length == 0 ? "there is none" : $"got {GuestText.Quote(string.Join(", ", values))}");
            }
        }

        if (Body is not null && body != Body)
        {
            yield return $"body: expected {GuestText.Quote(Body)}, got {GuestText.Quote(body)}";
        }

        foreach (string text in Contains.Where(text => !body.Contains(text, StringComparison.Ordinal)))
        {
            yield return $"body: expected {GuestText.Quote(text)} in it, got {GuestText.Quote(body)}";
        }
    }
}
