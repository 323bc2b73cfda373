using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Wisp.Permissions;

/// <summary>What a decision was about.</summary>
public enum AuditSubject
{
    /// <summary>A path beneath a granted directory.</summary>
    Path,

    /// <summary>An endpoint of the network.</summary>
    Network,

    /// <summary>An environment variable.</summary>
    Environment,

    /// <summary>A standard stream.</summary>
    Stream,

    /// <summary>A clock.</summary>
    Clock,

    /// <summary>Random numbers.</summary>
    Random,
}

/// <summary>How a decision came out.</summary>
public enum AuditOutcome
{
    /// <summary>Granted.</summary>
    Allowed,

    /// <summary>Not granted, and refused.</summary>
    Denied,

    /// <summary>Not granted, but let through because the mode is to count or to learn.</summary>
    WouldDeny,
}

/// <summary>One decision.</summary>
/// <param name="Time">When, in UTC.</param>
/// <param name="Program">Which program.</param>
/// <param name="Function">The function that it called, for example <c>path_open</c>.</param>
/// <param name="Subject">What it was about.</param>
/// <param name="Name">Which one: a guest path, an endpoint, a variable's name. As the program gave it, not
/// escaped.</param>
/// <param name="Access">What was wanted: read, write, connect, listen.</param>
/// <param name="Outcome">How it came out.</param>
/// <param name="Rule">The flag that decided, or null when none was near.</param>
/// <param name="ToAllow">The flag that would allow it, or null when it was allowed or nothing can.</param>
public readonly record struct AuditEvent(
    DateTimeOffset Time, string Program, string Function, AuditSubject Subject, string Name, string Access,
    AuditOutcome Outcome, string? Rule, string? ToAllow);

/// <summary>Takes each decision as it is made. Called on the thread that runs the program; must be thread safe and
/// quick.</summary>
public interface IAuditSink
{
    /// <summary>Takes one decision.</summary>
    /// <param name="decision">The decision.</param>
    void Record(in AuditEvent decision);
}

/// <summary>Writes each decision as one line of JSON.</summary>
/// <remarks>
/// <code>{"time":"2026-01-01T00:00:00.0000000+00:00","program":"app.wasm","function":"path_open","subject":"path",
///  "name":"/data/in.txt","access":"read","outcome":"allowed","rule":"--dir ./data::/data:ro"}</code>
/// One line is one write to the stream, so that several processes may append to one file. Thread safe.
/// </remarks>
public sealed class JsonLinesAuditSink : IAuditSink, IDisposable
{
    private readonly Lock _lock = new();
    private readonly Stream _stream;
    private readonly bool _leaveOpen;
    private readonly ArrayBufferWriter<byte> _line = new(512);
    private readonly Utf8JsonWriter _json;

    /// <summary>Writes to a stream.</summary>
    /// <param name="stream">The stream; not buffered here.</param>
    /// <param name="leaveOpen">Whether <see cref="Dispose"/> leaves the stream open.</param>
    public JsonLinesAuditSink(Stream stream, bool leaveOpen = false)
    {
        ArgumentNullException.ThrowIfNull(stream);
        _stream = stream;
        _leaveOpen = leaveOpen;
        _json = new Utf8JsonWriter(_line);
    }

    /// <summary>Appends to a file, which is created when there is none.</summary>
    /// <param name="path">Path of the file.</param>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static JsonLinesAuditSink OpenFile(string path) =>
        new(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0));

    /// <inheritdoc/>
    public void Record(in AuditEvent decision)
    {
        lock (_lock)
        {
            _line.ResetWrittenCount();
            _json.Reset(_line);
            _json.WriteStartObject();
            _json.WriteString("time"u8, decision.Time);
            _json.WriteString("program"u8, Wellformed(decision.Program));
            _json.WriteString("function"u8, decision.Function);
            _json.WriteString("subject"u8, Name(decision.Subject));
            _json.WriteString("name"u8, Wellformed(decision.Name));
            _json.WriteString("access"u8, decision.Access);
            _json.WriteString("outcome"u8, Name(decision.Outcome));
            if (decision.Rule is not null)
            {
                _json.WriteString("rule"u8, Wellformed(decision.Rule));
            }

            if (decision.ToAllow is not null)
            {
                _json.WriteString("toAllow"u8, Wellformed(decision.ToAllow));
            }

            _json.WriteEndObject();
            _json.Flush();
            _line.Write("\n"u8);
            _stream.Write(_line.WrittenSpan);
            _stream.Flush();
        }
    }

    /// <summary>Flushes and, unless told otherwise, closes the stream.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _json.Dispose();
            _stream.Flush();
            if (!_leaveOpen)
            {
                _stream.Dispose();
            }
        }
    }

    // The JSON writer refuses lone surrogates, which a command line may hold.
    private static string Wellformed(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private static string Name(AuditSubject subject) => subject switch
    {
        AuditSubject.Path => "path",
        AuditSubject.Network => "network",
        AuditSubject.Environment => "environment",
        AuditSubject.Stream => "stream",
        AuditSubject.Clock => "clock",
        _ => "random",
    };

    private static string Name(AuditOutcome outcome) => outcome switch
    {
        AuditOutcome.Allowed => "allowed",
        AuditOutcome.Denied => "denied",
        _ => "would-deny",
    };
}
