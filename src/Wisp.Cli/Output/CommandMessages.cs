using System.Text.Json.Serialization;

namespace Wisp.Cli.Output;

/// <summary>A component that <c>wisp build</c> made.</summary>
internal sealed record BuiltMessage(string Component, string Source, long Bytes);

/// <summary>What <c>wisp new</c> made.</summary>
internal sealed record NewAppMessage(string App, string Folder);

/// <summary>What <c>wisp test</c> found.</summary>
internal sealed record TestsMessage(int Passed, int Failed, IReadOnlyList<TestMessage> Tests);

/// <summary>How one case came out; passed when nothing was not as expected.</summary>
internal sealed record TestMessage(string Name, string Place, IReadOnlyList<string> Faults);

/// <summary>What an app answered to <c>wisp invoke</c>; the body as text where it is UTF-8, else in base 64.</summary>
internal sealed record AnswerMessage(int Status, string Reason, IReadOnlyList<HeaderMessage> Headers, string? Body, string? BodyBase64);

/// <summary>A header of an answer.</summary>
internal sealed record HeaderMessage(string Name, string Value);

/// <summary>What <c>wisp inspect</c> says about a module.</summary>
internal sealed record ModuleMessage(string File, long Bytes, int Functions, long DataBytes)
{
    public required IReadOnlyList<NamedMessage> Imports { get; init; }

    public required IReadOnlyList<NamedMessage> Exports { get; init; }

    public required IReadOnlyList<NamedMessage> Memories { get; init; }

    public required IReadOnlyList<NamedMessage> Custom { get; init; }

    /// <summary>Flags that it may want, each with what for.</summary>
    public required IReadOnlyList<NamedMessage> Permissions { get; init; }

    /// <summary>Modules that it imports from and that nobody here provides.</summary>
    public required IReadOnlyList<string> Unknown { get; init; }

    /// <summary>Of an image: the code.</summary>
    public ImageMessage? Image { get; init; }
}

/// <summary>Something with a name, and what it is.</summary>
internal sealed record NamedMessage(string Name, string Type);

/// <summary>The code of an image.</summary>
internal sealed record ImageMessage(int Functions, long CodeBytes, string Fingerprint, bool Stale, string Features, string Bounds);

/// <summary>How results of commands on this machine become JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IReadOnlyList<BuiltMessage>))]
[JsonSerializable(typeof(NewAppMessage))]
[JsonSerializable(typeof(TestsMessage))]
[JsonSerializable(typeof(AnswerMessage))]
[JsonSerializable(typeof(ModuleMessage))]
internal sealed partial class CommandJson : JsonSerializerContext;
