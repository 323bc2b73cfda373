using System.Buffers;
using System.Text;
using Wisp.Permissions;

namespace Wisp.Host.Cgi;

// The start of a CGI program's output.  https://www.rfc-editor.org/rfc/rfc3875#section-6
//
//   head   = 1*( name ":" [ value ] NL ) NL        NL = LF | CR LF
//   Status = "Status:" 3digit [ SP reason ]        200 when absent, 302 with a Location
//
// The output is not trusted: a name must be a token and a value must not hold control characters, or a program that copies its
// input into a header would let a client write headers of its own (response splitting). Headers that belong to the connection
// are dropped; the server makes them. A bare CR is refused, and so are continuation lines.

/// <summary>Reads the head of a CGI answer as it comes, piece by piece.</summary>
internal sealed class CgiResponseHead
{
    /// <summary>Default limit of the head, in bytes: 64 KiB.</summary>
    public const int DefaultMaxBytes = 64 * 1024;

    private const int MaxHeaders = 256;

    private static readonly SearchValues<char> TokenCharacters = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly HashSet<string> OfTheConnection = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
    };

    private readonly ArrayBufferWriter<byte> _line = new(256);
    private readonly int _maxBytes;
    private int _bytes;
    private int? _status;

    public CgiResponseHead(int maxBytes = DefaultMaxBytes) => _maxBytes = maxBytes;

    /// <summary>Whether the empty line was seen.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Whether anything was written yet.</summary>
    public bool IsEmpty => _bytes == 0;

    public int Status => _status ?? (HasLocation ? 302 : 200);

    public List<KeyValuePair<string, string>> Headers { get; } = [];

    public long? ContentLength { get; private set; }

    private bool HasLocation { get; set; }

    /// <summary>Takes more of the output.</summary>
    /// <returns>How many bytes belong to the head; the rest is body once it is complete.</returns>
    /// <exception cref="CgiException">The output is not a CGI answer.</exception>
    public int Append(ReadOnlySpan<byte> output)
    {
        int taken = 0;
        while (!IsComplete && taken < output.Length)
        {
            ReadOnlySpan<byte> rest = output[taken..];
            int end = rest.IndexOf((byte)'\n');
            ReadOnlySpan<byte> piece = end < 0 ? rest : rest[..(end + 1)];
            if (piece.Length > _maxBytes - _bytes)
            {
                throw new CgiException($"the head is longer than {_maxBytes} bytes");
            }

            _line.Write(piece);
            _bytes += piece.Length;
            taken += piece.Length;
            if (end >= 0)
            {
                TakeLine(_line.WrittenSpan[..^1]);
                _line.ResetWrittenCount();
            }
        }

        return taken;
    }

    private void TakeLine(ReadOnlySpan<byte> bytes)
    {
        if (bytes.EndsWith("\r"u8))
        {
            bytes = bytes[..^1];
        }

        if (bytes.IsEmpty)
        {
            Complete();
            return;
        }

        // Latin-1 keeps every byte; the server refuses what a header cannot carry.
        string line = Encoding.Latin1.GetString(bytes);
        int colon = line.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || line.AsSpan(0, colon).ContainsAnyExcept(TokenCharacters))
        {
            throw new CgiException($"not a header line: {GuestText.Quote(line)}");
        }

        string name = line[..colon];
        string value = line[(colon + 1)..].Trim(' ', '\t');
        foreach (char c in value)
        {
            if (c is < ' ' and not '\t' or '\x7f')
            {
                throw new CgiException($"control character in the header {name}");
            }
        }

        TakeHeader(name, value);
    }

    private void TakeHeader(string name, string value)
    {
        if (name.Equals("Status", StringComparison.OrdinalIgnoreCase))
        {
            TakeStatus(value);
        }
        else if (name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
        {
            if (!long.TryParse(value, System.Globalization.NumberStyles.None, null, out long length)
                || (ContentLength ?? length) != length)
            {
                throw new CgiException($"bad Content-Length: {GuestText.Quote(value)}");
            }

            ContentLength = length;
        }
        else if (!OfTheConnection.Contains(name))
        {
            if (Headers.Count == MaxHeaders)
            {
                throw new CgiException($"more than {MaxHeaders} headers");
            }

            HasLocation |= name.Equals("Location", StringComparison.OrdinalIgnoreCase);
            Headers.Add(new(name, value));
        }
    }

    private void TakeStatus(string value)
    {
        bool isNumber = value.Length >= 3 && (value.Length == 3 || value[3] == ' ')
            && int.TryParse(value.AsSpan(0, 3), System.Globalization.NumberStyles.None, null, out int status)
            && status is >= 200 and <= 599;
        if (!isNumber || _status is not null)
        {
            throw new CgiException($"bad Status: {GuestText.Quote(value)}");
        }

        _status = int.Parse(value.AsSpan(0, 3), System.Globalization.NumberStyles.None, null);
    }

    private void Complete()
    {
        if (Headers.Count == 0 && _status is null && ContentLength is null)
        {
            throw new CgiException("the output starts with an empty line instead of headers");
        }

        IsComplete = true;
    }
}
