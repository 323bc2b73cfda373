using System.Text.Json.Serialization;

namespace Wisp.Host.Telemetry.Messages;

/// <summary>How the messages become JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LiveMessage))]
[JsonSerializable(typeof(IReadOnlyList<InvocationMessage>))]
internal sealed partial class TelemetryJson : JsonSerializerContext;
