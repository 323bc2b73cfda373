using System.Text.Json;
using Wisp.Host.Manifests;

namespace Wisp.Host.Tests.Manifests;

public sealed class ManifestSchemaTests
{
    [Fact]
    public void HasEveryKeyThatTheParserTakesAndNoOther()
    {
        using JsonDocument schema = JsonDocument.Parse(ManifestSchema.Of(ManifestKeys.App, "app"));
        Compare(schema.RootElement, ManifestKeys.App);

        using JsonDocument tests = JsonDocument.Parse(ManifestSchema.Of(ManifestKeys.Tests, "tests"));
        Compare(tests.RootElement, ManifestKeys.Tests);
    }

    [Fact]
    public void MarksWhatIsNotThereYet()
    {
        using JsonDocument schema = JsonDocument.Parse(ManifestSchema.Of(ManifestKeys.App, "app"));
        JsonElement properties = schema.RootElement.GetProperty("properties");

        Assert.False(properties.GetProperty("trigger").GetProperty("properties").TryGetProperty("queue", out _));
        JsonElement component = properties.GetProperty("component").GetProperty("additionalProperties").GetProperty("properties");
        JsonElement instances = component.GetProperty("instances").GetProperty("properties");
        Assert.Equal("boolean", instances.GetProperty("snapshot").GetProperty("type").GetString());
        Assert.Equal(1000, instances.GetProperty("warm").GetProperty("maximum").GetInt32());
    }

    private static void Compare(JsonElement schema, ManifestType type)
    {
        switch (type)
        {
            case TableType table:
                Assert.False(schema.GetProperty("additionalProperties").GetBoolean());
                Assert.Equal(
                    table.Keys.Where(key => key.Type is not null).Select(key => key.Name),
                    schema.GetProperty("properties").EnumerateObject().Select(property => property.Name));
                foreach (ManifestKey key in table.Keys.Where(key => key.Type is not null))
                {
                    JsonElement property = schema.GetProperty("properties").GetProperty(key.Name);
                    Assert.Equal(key.Description, property.GetProperty("description").GetString());
                    Compare(property, key.Type!);
                }

                break;
            case ListType list:
                Compare(schema.GetProperty("items"), list.Item);
                break;
            case MapType map:
                Compare(schema.GetProperty("additionalProperties"), map.Value);
                break;
            case EitherType either:
                Compare(schema.GetProperty("anyOf")[0], either.First);
                Compare(schema.GetProperty("anyOf")[1], either.Second);
                break;
        }
    }
}
