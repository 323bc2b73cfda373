using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Wisp.Host.Manifests;

/// <summary>The table of keys as a JSON schema (draft 7), which editors complete and check TOML files by.</summary>
/// <remarks><see href="https://json-schema.org/draft-07/json-schema-validation">JSON Schema, draft 7</see>.</remarks>
internal static class ManifestSchema
{
    /// <summary>Writes the schema of a table.</summary>
    public static string Of(TableType type, string title)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var options = new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var json = new Utf8JsonWriter(buffer, options))
        {
            json.WriteStartObject();
            json.WriteString("$schema", "http://json-schema.org/draft-07/schema#");
            json.WriteString("title", title);
            WriteType(json, type);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteType(Utf8JsonWriter json, ManifestType type)
    {
        switch (type)
        {
            case TextType text:
                json.WriteString("type", "string");
                if (text.Pattern is not null)
                {
                    json.WriteString("pattern", text.Pattern);
                }

                break;

            case WordType words:
                json.WriteStartArray("enum");
                foreach (string word in words.Words)
                {
                    json.WriteStringValue(word);
                }

                json.WriteEndArray();
                break;

            case IntegerType range:
                json.WriteString("type", "integer");
                json.WriteNumber("minimum", range.Least);
                if (range.Most != long.MaxValue)
                {
                    json.WriteNumber("maximum", range.Most);
                }

                break;

            case FlagType flag:
                json.WriteString("type", "boolean");
                if (flag.Only is bool only)
                {
                    json.WriteBoolean("const", only);
                }

                break;

            case ListType list:
                json.WriteString("type", "array");
                json.WriteNumber("minItems", list.Least);
                json.WriteStartObject("items");
                WriteType(json, list.Item);
                json.WriteEndObject();
                break;

            case MapType map:
                json.WriteString("type", "object");
                if (map.Key.Pattern is not null)
                {
                    json.WriteStartObject("propertyNames");
                    json.WriteString("pattern", map.Key.Pattern);
                    json.WriteEndObject();
                }

                json.WriteStartObject("additionalProperties");
                WriteType(json, map.Value);
                json.WriteEndObject();
                break;

            case EitherType either:
                json.WriteStartArray("anyOf");
                WriteObject(json, either.First);
                WriteObject(json, either.Second);
                json.WriteEndArray();
                break;

            case TableType table:
                WriteTable(json, table);
                break;

            default:
                throw new InvalidOperationException($"no schema for {type.GetType().Name}");
        }
    }

    private static void WriteObject(Utf8JsonWriter json, ManifestType type)
    {
        json.WriteStartObject();
        WriteType(json, type);
        json.WriteEndObject();
    }

    private static void WriteTable(Utf8JsonWriter json, TableType table)
    {
        json.WriteString("type", "object");
        json.WriteBoolean("additionalProperties", false);
        json.WriteStartObject("properties");
        foreach (ManifestKey key in table.Keys)
        {
            // A key whose feature is not there yet is refused, so an editor marks it like an unknown one.
            if (key.Type is not null)
            {
                json.WriteStartObject(key.Name);
                json.WriteString("description", key.Description);
                WriteType(json, key.Type);
                json.WriteEndObject();
            }
        }

        json.WriteEndObject();
        string[] required = [.. table.Keys.Where(key => key.IsRequired).Select(key => key.Name)];
        if (required.Length > 0)
        {
            json.WriteStartArray("required");
            foreach (string name in required)
            {
                json.WriteStringValue(name);
            }

            json.WriteEndArray();
        }
    }
}
