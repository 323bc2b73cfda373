using Wisp.Abi;
using Wisp.Abi.Images;
using Wisp.Memories;
using Wisp.Wasm.Model;

namespace Wisp.Linking;

// What instances of a module have in common, worked out once. Instantiation copies it and fills in what depends on the place or the
// imports:
//
//   in the slot, below r15                                             above it
//   ┌────────────────────────────┬─────────────────────────────────┬──┬──────────────────────────────────────┐
//   │ elements of own tables     │ context: stubs, type ids, code  │r15 memory 0: heap image, or data that is  │
//   │ (TableOffsets)             │ of func refs, constant globals  │  │ copied                               │
//   └────────────────────────────┴─────────────────────────────────┴──┴──────────────────────────────────────┘
//
// Whatever is not known without an instance (an offset that is an imported global, a segment that does not fit and must trap) is left
// to the steps of the specification, in their order: then HasStaticElements or HasStaticData is false, for all segments together.

/// <summary>The first contents of an instance, as far as they are the same for all instances of a module.</summary>
internal sealed class InstanceTemplate
{
    /// <summary>Tables larger than this together have storage of their own.</summary>
    private const long MaxTableBytes = 1 << 20;

    /// <summary>Element segments that reach further are applied one by one.</summary>
    private const uint MaxStaticElements = 1 << 20;

    /// <summary>Segments past so many pages are applied one by one: their addresses do not fit 31 bits.</summary>
    private const ulong MaxCopiedPages = int.MaxValue / (ulong)VmLayout.WasmPageBytes;

    private readonly byte[] _context;
    private readonly int[][] _elements;   // by own table and index: 0 null, below an offset from r15, above an import and 1

    public InstanceTemplate(Module module)
    {
        WasmModule definition = module.Definition;
        _context = new byte[module.Layout.UsedBytes];
        TableOffsets = PlaceTables(module, out int slotContextBytes);
        SlotContextBytes = slotContextBytes;
        DynamicGlobals = WriteContext(module);
        HasStaticElements = module.State is { } state
            ? PlaceElements(module, state, out _elements)
            : TryPlaceElements(module, out _elements);
        if (!HasStaticElements)
        {
            Array.Fill(_elements, []);
        }

        Shelf = FindShelf(module, slotContextBytes);
        bool isInPlace = module.HeapImage is not null || module.State is not null;
        HasStaticData = isInPlace || TryPlaceData(definition, out _);
        TryPlaceData(definition, out DataCopy[] data);
        Data = !isInPlace && HasStaticData ? data : [];
    }

    /// <summary>A data segment and where it goes.</summary>
    internal readonly record struct DataCopy(int To, int From, int Count);

    /// <summary>Bytes below r15 in a slot for this module: context and tables, whole pages.</summary>
    public int SlotContextBytes { get; }

    /// <summary>By own table: offset of its elements from r15; zero when they have storage of their own.</summary>
    public int[] TableOffsets { get; }

    /// <summary>Where idle slots for this module lie; null when its slots are not pooled.</summary>
    public SlotShelf? Shelf { get; }

    /// <summary>Positions of the initializers of own globals that must be evaluated for each instance.</summary>
    public int[] DynamicGlobals { get; }

    /// <summary>Whether the active element segments are known to fit and are written by <see cref="WriteElements"/>.</summary>
    public bool HasStaticElements { get; }

    /// <summary>Whether the active data segments are known to fit, and are mapped or those of <see cref="Data"/>.</summary>
    public bool HasStaticData { get; }

    /// <summary>What is copied into memory 0.</summary>
    public DataCopy[] Data { get; }

    /// <summary>Writes the context up to r15, but for what depends on imports.</summary>
    public void WriteContext(Module module, nint context)
    {
        RawMemory.Copy(context - _context.Length, _context);
        nint next = context + module.FirstFuncRef + VmLayout.FuncRefContext;
        for (int i = module.FuncRefs.Length; i > 0; i--)
        {
            RawMemory.WritePointer(next, context);
            next += VmLayout.FuncRefBytes;
        }
    }

    /// <summary>Writes all elements of a table of the module's own.</summary>
    /// <param name="table">Which of them.</param>
    /// <param name="context">r15.</param>
    /// <param name="layout">The context's layout.</param>
    /// <param name="elements">The table's elements.</param>
    public void WriteElements(int table, nint context, VmLayout layout, Span<ulong> elements)
    {
        int[] sources = _elements[table];
        for (int i = 0; i < sources.Length && i < elements.Length; i++)
        {
            int source = sources[i];
            elements[i] = source <= 0
                ? source == 0 ? 0 : (ulong)(context + source)
                : RawMemory.Read64(context + layout.ImportedFunction(new FuncIndex(source - 1)));
        }

        if (sources.Length < elements.Length)
        {
            elements[sources.Length..].Clear();
        }
    }

    private static SlotShelf? FindShelf(Module module, int contextBytes)
    {
        WasmModule definition = module.Definition;
        return definition.ImportedMemoryCount > 0 || definition.Memories.Length == 0
            ? module.Engine.Slots.ShelfFor(SlotSize.ContextOnly(contextBytes), null)
            : Memory.ShelfOf(module.Engine, definition.Memories[0], contextBytes, module.HeapImage);
    }

    private static int[] PlaceTables(Module module, out int slotContextBytes)
    {
        WasmModule definition = module.Definition;
        int imported = definition.ImportedTableCount;
        int[] offsets = new int[definition.Tables.Length - imported];
        long end = (module.Layout.UsedBytes + 15L) & ~15L;
        for (int i = 0; i < offsets.Length; i++)
        {
            ulong count = Math.Max(module.TableAtFirst(imported + i).Limits.Minimum, 1);
            if (count <= MaxTableBytes / VmLayout.TableElementBytes
                && end + ((long)count * VmLayout.TableElementBytes) <= module.Layout.UsedBytes + MaxTableBytes)
            {
                end += (long)count * VmLayout.TableElementBytes;
                offsets[i] = (int)-end;
            }
        }

        slotContextBytes = checked((int)((end + VmLayout.PageBytes - 1) & -VmLayout.PageBytes));
        return offsets;
    }

    private int[] WriteContext(Module module)
    {
        WasmModule definition = module.Definition;
        VmLayout layout = module.Layout;
        VmContext.WriteStubs(_context);
        for (int i = 0; i < definition.Types.Length; i++)
        {
            var type = new TypeIndex(i);
            BitConverter.TryWriteBytes(At(layout.TypeId(type)), module.Space.IdOf(type));
        }

        int next = module.FirstFuncRef;
        foreach ((nint code, uint typeId) in module.FuncRefs)
        {
            BitConverter.TryWriteBytes(At(next + VmLayout.FuncRefCode), (long)code);
            BitConverter.TryWriteBytes(At(next + VmLayout.FuncRefTypeId), typeId);
            next += VmLayout.FuncRefBytes;
        }

        var dynamic = new List<int>();
        for (int i = 0; i < definition.GlobalInitializers.Length; i++)
        {
            if (TryConstant(module, i, out UInt128 value))
            {
                int offset = layout.OwnGlobal(new GlobalIndex(definition.ImportedGlobalCount + i));
                BitConverter.TryWriteBytes(At(offset), (ulong)value);
                BitConverter.TryWriteBytes(At(offset + 8), (ulong)(value >> 64));
            }
            else
            {
                dynamic.Add(i);
            }
        }

        return [.. dynamic];
    }

    // A snapshot's globals are all known, but a function's address depends on the instance.
    private static bool TryConstant(Module module, int global, out UInt128 value)
    {
        if (module.State is not { } state)
        {
            return ConstantEvaluator.TryConstant(module.Definition, module.Definition.GlobalInitializers[global], out value);
        }

        value = state.Globals[global].Bits;
        return !state.Globals[global].IsFunction || value == 0;
    }

    private static bool PlaceElements(Module module, SnapshotState state, out int[][] elements)
    {
        int imported = module.Definition.ImportedFunctionCount;
        elements = Array.ConvertAll(state.Tables, table => Array.ConvertAll(table, element =>
            element == 0 ? 0
            : element - 1 < (uint)imported ? (int)element
            : module.FuncRefOf((int)element - 1)));
        return true;
    }

    private Span<byte> At(int offset) => _context.AsSpan(_context.Length + offset);

    private static bool TryPlaceElements(Module module, out int[][] elements)
    {
        WasmModule definition = module.Definition;
        int imported = definition.ImportedTableCount;
        elements = new int[definition.Tables.Length - imported][];
        for (int i = 0; i < elements.Length; i++)
        {
            elements[i] = [];
            if (definition.TableInitializers[i] is not null)
            {
                return false;
            }
        }

        foreach (ElementSegment segment in definition.Elements)
        {
            if (segment.Mode != SegmentMode.Active)
            {
                continue;
            }

            int table = segment.Table.Index - imported;
            if (table < 0 || segment.Functions is null
                || !ConstantEvaluator.TryConstant(definition, segment.Offset, out UInt128 at)
                || at + (UInt128)segment.Count > definition.Tables[segment.Table.Index].Limits.Minimum
                || at + (UInt128)segment.Count > MaxStaticElements)
            {
                return false;
            }

            int end = (int)at + segment.Count;
            if (elements[table].Length < end)
            {
                Array.Resize(ref elements[table], end);
            }

            for (int i = 0; i < segment.Count; i++)
            {
                int function = segment.Functions[i].Index;
                elements[table][(int)at + i] = function < definition.ImportedFunctionCount ? function + 1 : module.FuncRefOf(function);
            }
        }

        return true;
    }

    private static bool TryPlaceData(WasmModule definition, out DataCopy[] copies)
    {
        copies = [];
        var placed = new List<DataCopy>();
        foreach (DataSegment segment in definition.Data)
        {
            if (segment.Mode != SegmentMode.Active)
            {
                continue;
            }

            if (definition.ImportedMemoryCount > 0 || segment.Memory.Index != 0
                || !ConstantEvaluator.TryConstant(definition, segment.Offset, out UInt128 at)
                || at + (UInt128)segment.BytesLength > (UInt128)Math.Min(definition.Memories[0].Limits.Minimum, MaxCopiedPages)
                    * (UInt128)VmLayout.WasmPageBytes)
            {
                return false;
            }

            if (segment.BytesLength > 0)
            {
                placed.Add(new DataCopy((int)at, segment.BytesOffset, segment.BytesLength));
            }
        }

        copies = [.. placed];
        return true;
    }
}
