using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Wisp.Host.Logs;

// A line of a segment, which is a line of JSON:
//
//   {"seq":17,"time":"2026-01-31T12:00:00.0000000+00:00","version":3,"component":"cart","invocation":204,"stream":"stderr","text":"…"}
//
// Text is escaped, so neither an end of a line nor a quote stands in it as such: what looks like a field of ours is one.

/// <summary>Turns lines into bytes and back. Not thread safe.</summary>
internal sealed class LogFormat : IDisposable
{
    /// <summary>Bytes of one line at most, its end included: what is longer was not written here.</summary>
    public const int MaxLineBytes = 256 * 1024;

    /// <summary>Characters of a text at most. Escaped it may take six bytes for each.</summary>
    public const int MaxTextLength = 16 * 1024;

    // People read these files too, so letters stay letters. Nothing of it gets into a page as HTML.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly Utf8JsonWriter _json = new(Stream.Null, Options);
    private byte[] _utf8 = new byte[512];

    /// <summary>Writes a line and its end.</summary>
    public void Write(IBufferWriter<byte> output, LogLine line)
    {
        _json.Reset(output);
        _json.WriteStartObject();
        _json.WriteNumber("seq"u8, line.Sequence);
        _json.WriteString("time"u8, line.Time);
        if (line.Version != 0)
        {
            _json.WriteNumber("version"u8, line.Version);
        }

        if (line.Component is not null)
        {
            _json.WriteString("component"u8, line.Component);
        }

        if (line.Invocation is long invocation)
        {
            _json.WriteNumber("invocation"u8, invocation);
        }

        _json.WriteString("stream"u8, line.Stream);
        _json.WriteString("text"u8, Wellformed(line.Text));
        _json.WriteEndObject();
        _json.Flush();
        output.Write("\n"u8);
    }

    public void Dispose() => _json.Dispose();

    /// <summary>Reads a line without its end.</summary>
    /// <returns>Whether it is one.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out LogLine? line)
    {
        line = null;
        try
        {
            line = bytes.IsEmpty ? null : JsonSerializer.Deserialize(bytes, LogJson.Default.LogLine);
            return line is { Sequence: > 0, Text: not null, Stream: not null };
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>What stands in each line of an invocation, and in no other.</summary>
    public static byte[] MarkOf(long invocation) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"\"invocation\":{invocation},"));

    /// <summary>The JSON writer refuses lone surrogates, which names in a backtrace might hold.</summary>
    private ReadOnlySpan<byte> Wellformed(string text)
    {
        int bound = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (bound > _utf8.Length)
        {
            _utf8 = new byte[bound];
        }

        return _utf8.AsSpan(0, Encoding.UTF8.GetBytes(text, _utf8));
    }
}
