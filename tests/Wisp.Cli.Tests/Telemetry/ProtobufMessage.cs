using System.Text;

namespace Wisp.Cli.Tests.Telemetry;

// https://protobuf.dev/programming-guides/encoding: a message is a row of fields, each a varint (number << 3 | type) and what follows
// by its type: 0 a varint, 1 eight bytes, 2 a length and so many bytes, 5 four bytes.

/// <summary>A message whose fields are known by their numbers alone.</summary>
internal sealed class ProtobufMessage(ReadOnlyMemory<byte> bytes)
{
    public string Text => Encoding.UTF8.GetString(bytes.Span);

    public string Hex => Convert.ToHexStringLower(bytes.Span);

    /// <summary>The messages to which the fields lead.</summary>
    public IEnumerable<ProtobufMessage> At(params int[] fields) => fields.Length == 0
        ? [this]
        : Fields().Where(field => field.Number == fields[0]).SelectMany(field => new ProtobufMessage(field.Value).At(fields[1..]));

    /// <summary>Attributes with the values that are text or a number: KeyValue { key = 1, value = 2 { string = 1, int = 3 } }.</summary>
    public Dictionary<string, string> Attributes(int field) => At(field).ToDictionary(
        pair => pair.At(1).Single().Text,
        pair => pair.At(2, 1).FirstOrDefault()?.Text ?? pair.At(2, 3).FirstOrDefault()?.Number().ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "");

    /// <summary>What a field of type varint has.</summary>
    public long Number()
    {
        int position = 0;
        return (long)Varint(ref position);
    }

    private IEnumerable<(int Number, ReadOnlyMemory<byte> Value)> Fields()
    {
        int position = 0;
        while (position < bytes.Length)
        {
            ulong key = Varint(ref position);
            int start = position;
            switch (key & 7)
            {
                case 0:
                    Varint(ref position);
                    break;
                case 1:
                    position += 8;
                    break;
                case 2:
                    int length = (int)Varint(ref position);
                    start = position;
                    position += length;
                    break;
                default:
                    position += 4;
                    break;
            }

            yield return ((int)(key >> 3), bytes[start..position]);
        }
    }

    private ulong Varint(ref int position)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = bytes.Span[position++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
