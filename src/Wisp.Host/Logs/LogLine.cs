using System.Text.Json.Serialization;

namespace Wisp.Host.Logs;

/// <summary>A line of an app's log.</summary>
internal sealed record LogLine
{
    /// <summary>What a program wrote to its standard output, or to its standard error.</summary>
    public const string Stdout = "stdout", Stderr = "stderr";

    /// <summary>What the host says about an invocation, or about the app.</summary>
    public const string Host = "host";

    /// <summary>Counts the app's lines from 1, whatever becomes of the older ones.</summary>
    [JsonPropertyName("seq")]
    public required long Sequence { get; init; }

    public required DateTimeOffset Time { get; init; }

    /// <summary>Number of the app's version, or 0 where there are no versions.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Version { get; init; }

    public string? Component { get; init; }

    /// <summary>The invocation, or null for a line about none.</summary>
    public long? Invocation { get; init; }

    /// <summary><see cref="Stdout"/>, <see cref="Stderr"/> or <see cref="Host"/>.</summary>
    public required string Stream { get; init; }

    /// <summary>What was written. A program's text may hold anything but the end of a line.</summary>
    public required string Text { get; init; }
}

/// <summary>How lines are read; <see cref="LogFormat"/> writes them.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LogLine))]
internal sealed partial class LogJson : JsonSerializerContext;
