using System.Text.Json;
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
[JsonSerializable(typeof(DeployResult))]
[JsonSerializable(typeof(Dictionary<string, int>))]
[JsonSerializable(typeof(RollbackMessage))]
[JsonSerializable(typeof(SecretValueMessage))]
[JsonSerializable(typeof(IReadOnlyList<SecretMessage>))]
[JsonSerializable(typeof(NewTokenMessage))]
[JsonSerializable(typeof(IReadOnlyList<TokenMessage>))]
[JsonSerializable(typeof(IReadOnlyList<AuditMessage>))]
internal sealed partial class AdminJson : JsonSerializerContext
{
    /// <summary>For who reads answers: those of a newer server may say more.</summary>
    public static AdminJson Reading => Lenient.Json;

    // A class of its own: the order in which the fields of the generated part and of this one are set is not defined.
    private static class Lenient
    {
        public static readonly AdminJson Json =
            new(new JsonSerializerOptions(Default.Options)
            {
                UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
                RespectRequiredConstructorParameters = false,   // what is null is left out
            });
    }
}
