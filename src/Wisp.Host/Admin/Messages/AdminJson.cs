using System.Text.Json.Serialization;

namespace Wisp.Host.Admin.Messages;

/// <summary>How messages of the API become JSON and back; strict with what comes in.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    MaxDepth = 8)]
[JsonSerializable(typeof(ErrorMessage))]
[JsonSerializable(typeof(ServerMessage))]
[JsonSerializable(typeof(IReadOnlyList<AppMessage>))]
[JsonSerializable(typeof(AppDetailMessage))]
[JsonSerializable(typeof(IReadOnlyList<VersionMessage>))]
[JsonSerializable(typeof(DeployLine))]
[JsonSerializable(typeof(Dictionary<string, int>))]
[JsonSerializable(typeof(RollbackMessage))]
[JsonSerializable(typeof(SecretValueMessage))]
[JsonSerializable(typeof(IReadOnlyList<SecretMessage>))]
[JsonSerializable(typeof(NewTokenMessage))]
[JsonSerializable(typeof(IReadOnlyList<TokenMessage>))]
[JsonSerializable(typeof(IReadOnlyList<AuditMessage>))]
internal sealed partial class AdminJson : JsonSerializerContext;
