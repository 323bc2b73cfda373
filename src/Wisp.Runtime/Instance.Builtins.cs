using Wisp.Abi;
using Wisp.Wasm.Model;

namespace Wisp;

/// <content>What compiled code asks of the runtime. See Builtin for arguments and results.</content>
public sealed partial class Instance
{
    private const ulong Minus1 = ulong.MaxValue;

    /// <summary>Bytes that are filled or copied between two looks for a reason to stop: some milliseconds' worth.</summary>
    private const ulong BulkPart = 16 << 20;

    internal TrapCode RunBuiltin(Builtin builtin, ReadOnlySpan<ulong> a, out ulong result)
    {
        result = 0;
        switch (builtin)
        {
            case Builtin.MemoryGrow:
                result = MemoryAt((int)a[0]).TryGrow(a[1], out ulong pages) ? pages : Minus1;
                return TrapCode.None;
            case Builtin.MemoryFill:
                return MemoryTrap(TryFillMemory((int)a[0], a[1], (byte)a[2], a[3]));
            case Builtin.MemoryCopy:
                return MemoryTrap(TryCopyMemory((int)a[0], (int)a[1], a[2], a[3], a[4]));
            case Builtin.MemoryInit:
                return MemoryTrap(TryInitializeMemory((int)a[0], (int)a[1], a[2], (uint)a[3], (uint)a[4]));
            case Builtin.DataDrop:
                DropData((int)a[0]);
                return TrapCode.None;
            case Builtin.TableGrow:
                result = TableAt((int)a[0]).TryGrowBits(a[2], a[1], out ulong elements) ? elements : Minus1;
                return TrapCode.None;
            case Builtin.TableFill:
                return TableTrap(TryFillTable((int)a[0], a[1], a[2], a[3]));
            case Builtin.TableCopy:
                return TableTrap(TryCopyTable((int)a[0], (int)a[1], a[2], a[3], a[4]));
            case Builtin.TableInit:
                return TableTrap(TryInitializeTable((int)a[0], (int)a[1], a[2], (uint)a[3], (uint)a[4]));
            case Builtin.ElementDrop:
                DropElement((int)a[0]);
                return TrapCode.None;
            case Builtin.IsSubtype:
                result = Store.Engine.Types.IsSubtype((uint)a[0], (uint)a[1]) ? 1u : 0u;
                return TrapCode.None;
            default:
                throw new NotSupportedException($"not supported yet: {builtin}");
        }
    }

    private static TrapCode MemoryTrap(bool isInside) => isInside ? TrapCode.None : TrapCode.MemoryOutOfBounds;

    private static TrapCode TableTrap(bool isInside) => isInside ? TrapCode.None : TrapCode.TableOutOfBounds;

    private static bool IsInside(ulong at, ulong count, ulong length) => at <= length && count <= length - at;

    private void AttendBetweenParts(ulong bytesLeft)
    {
        if (bytesLeft > 0 && Store.Current?.FindReasonToStop() is { } reason)
        {
            throw reason;
        }
    }

    private bool TryFillMemory(int memory, ulong at, byte value, ulong count)
    {
        GuestMemory guest = MemoryAt(memory).Guest;
        if (!IsInside(at, count, (ulong)guest.Length))
        {
            return false;
        }

        while (count > 0)
        {
            ulong part = Math.Min(count, BulkPart);
            guest.TrySlice(at, part, out Span<byte> bytes);
            bytes.Fill(value);
            at += part;
            count -= part;
            AttendBetweenParts(count);
        }

        return true;
    }

    private bool TryCopyMemory(int toMemory, int fromMemory, ulong to, ulong from, ulong count)
    {
        GuestMemory target = MemoryAt(toMemory).Guest;
        GuestMemory source = MemoryAt(fromMemory).Guest;
        if (!IsInside(to, count, (ulong)target.Length) || !IsInside(from, count, (ulong)source.Length))
        {
            return false;
        }

        // In parts; from the end when the target lies behind the source, so that no part is overwritten early.
        bool isBackward = to > from;
        while (count > 0)
        {
            ulong part = Math.Min(count, BulkPart);
            ulong offset = isBackward ? count - part : 0;
            source.TrySlice(from + offset, part, out Span<byte> sourceBytes);
            target.TrySlice(to + offset, part, out Span<byte> targetBytes);
            sourceBytes.CopyTo(targetBytes);
            count -= part;
            if (!isBackward)
            {
                from += part;
                to += part;
            }

            AttendBetweenParts(count);
        }

        return true;
    }

    private bool TryInitializeMemory(int memory, int segment, ulong to, uint from, uint count)
    {
        DataSegment data = Definition.Data[segment];
        ulong length = IsDataDropped(segment) ? 0 : (ulong)data.BytesLength;
        GuestMemory guest = MemoryAt(memory).Guest;
        if (!IsInside(from, count, length) || !IsInside(to, count, (ulong)guest.Length))
        {
            return false;
        }

        bool isWritten = guest.TryWrite(to, Definition.Bytes.Span.Slice(data.BytesOffset + (int)from, (int)count));
        GC.KeepAlive(this);   // the bytes may be a mapping, which goes with its last user
        return isWritten;
    }

    private bool TryFillTable(int table, ulong at, ulong value, ulong count)
    {
        Span<ulong> elements = TableAt(table).Elements;
        if (!IsInside(at, count, (ulong)elements.Length))
        {
            return false;
        }

        elements.Slice((int)at, (int)count).Fill(value);
        return true;
    }

    private bool TryCopyTable(int toTable, int fromTable, ulong to, ulong from, ulong count)
    {
        Span<ulong> target = TableAt(toTable).Elements;
        Span<ulong> source = TableAt(fromTable).Elements;
        if (!IsInside(to, count, (ulong)target.Length) || !IsInside(from, count, (ulong)source.Length))
        {
            return false;
        }

        source.Slice((int)from, (int)count).CopyTo(target[(int)to..]);
        return true;
    }

    private bool TryInitializeTable(int table, int segment, ulong to, uint from, uint count)
    {
        ElementSegment element = Definition.Elements[segment];
        ulong length = IsElementDropped(segment) ? 0 : (ulong)element.Count;
        Span<ulong> target = TableAt(table).Elements;
        if (!IsInside(from, count, length) || !IsInside(to, count, (ulong)target.Length))
        {
            return false;
        }

        target = target.Slice((int)to, (int)count);
        if (element.Functions is null)
        {
            EvaluatedElements(segment).AsSpan((int)from, (int)count).CopyTo(target);
            return true;
        }

        for (int i = 0; i < target.Length; i++)
        {
            target[i] = ReferenceTo(element.Functions[(int)from + i].Index);
        }

        return true;
    }

    // Once for each segment: an expression may make an object, which must be the same in every table that it comes to.
    private ulong[] EvaluatedElements(int segment)
    {
        _evaluatedElements ??= new ulong[Definition.Elements.Length][];
        return _evaluatedElements[segment] ??= Array.ConvertAll(
            Definition.Elements[segment].Expressions!, expression => (ulong)Evaluate(expression));
    }
}
