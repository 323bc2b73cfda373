using Wisp.Wasm.Model;

namespace Wisp.Wasm.Text;

// This part: element and data segments.
public sealed partial class WatPrinter
{
    private const int BytesInLine = 64;

    private void PrintSegments()
    {
        for (int i = 0; i < _module.Elements.Length; i++)
        {
            PrintElement(_module.Elements[i], i);
        }

        for (int i = 0; i < _module.Data.Length; i++)
        {
            PrintData(_module.Data[i], i);
        }
    }

    private void PrintElement(ElementSegment segment, int index)
    {
        _to.Write($"  (elem (;{index};)");
        if (segment.Mode == SegmentMode.Active)
        {
            if (segment.Table.Index != 0)
            {
                _to.Write($" (table {(uint)segment.Table.Index})");
            }

            PrintOffset(segment.Offset);
        }
        else if (segment.Mode == SegmentMode.Declarative)
        {
            _to.Write(" declare");
        }

        if (segment.Functions is { } functions)
        {
            _to.Write(" func");
            foreach (FuncIndex function in functions)
            {
                _to.Write(' ');
                _to.Write(_names.Reference(function));
            }
        }
        else
        {
            _to.Write($" {TypeNames.Of(segment.Type)}");
            foreach (ConstantExpression expression in segment.Expressions!)
            {
                _to.Write(" (item ");
                PrintExpression(expression);
                _to.Write(')');
            }
        }

        _to.Write(")\n");
    }

    private void PrintData(DataSegment segment, int index)
    {
        _to.Write($"  (data (;{index};)");
        if (segment.Mode == SegmentMode.Active)
        {
            if (segment.Memory.Index != 0)
            {
                _to.Write($" (memory {(uint)segment.Memory.Index})");
            }

            PrintOffset(segment.Offset);
        }

        ReadOnlySpan<byte> bytes = _module.Bytes.Span.Slice(segment.BytesOffset, segment.BytesLength);
        bool isLong = bytes.Length > BytesInLine;
        do
        {
            ReadOnlySpan<byte> line = bytes[..Math.Min(BytesInLine, bytes.Length)];
            _to.Write(isLong ? "\n    \"" : " \"");
            TextEscapes.Write(_to, line);
            _to.Write('"');
            bytes = bytes[line.Length..];
        }
        while (bytes.Length > 0);

        _to.Write(")\n");
    }

    private void PrintOffset(ConstantExpression offset)
    {
        _to.Write(" (offset ");
        PrintExpression(offset);
        _to.Write(')');
    }
}
