using System.Diagnostics.CodeAnalysis;
using Wisp.Abi;
using Wisp.Abi.Images;
using Wisp.Linking;
using Wisp.Memories;
using Wisp.Stacks;
using Wisp.Traps;
using Wisp.Wasm.Model;

namespace Wisp;

// https://webassembly.github.io/spec/core/exec/modules.html#instantiation

/// <content>Instantiation, in the specification's order.</content>
public sealed partial class Instance
{
    private bool HasOwnMemory0 => Definition.ImportedMemoryCount == 0 && Definition.Memories.Length > 0;

    private MemorySlot AllocateSlot(InstanceTemplate template)
    {
        if (HasOwnMemory0)
        {
            return Memory.Allocate(
                Store, Module.MemoryAtFirst(0), template.SlotContextBytes, template.Shelf, Module.HeapImage, template);
        }

        MemorySlot? slot = Store.Engine.Slots.Rent(template.Shelf!);
        return slot is not null && slot.TryPrepare(0, null, template)
            ? slot
            : throw MemorySlot.OutOfMemory(SlotSize.ContextOnly(template.SlotContextBytes));
    }

    private void BindImports()
    {
        Import[] imports = Definition.Imports;
        for (int i = 0; i < imports.Length; i++)
        {
            int index = imports[i].Index;
            switch (_imports[i])
            {
                case HostBinding binding:
                    RawMemory.WritePointer(_context + Layout.ImportedFunction(new FuncIndex(index)), binding.FuncRef);
                    break;
                case Function function:
                    RawMemory.WritePointer(_context + Layout.ImportedFunction(new FuncIndex(index)), function.Address);
                    break;
                case Memory memory:
                    _memories[index] = memory;
                    RawMemory.WritePointer(_context + Layout.ImportedMemoryPointer(new MemoryIndex(index)), memory.Record);
                    break;
                case Table table:
                    _tables[index] = table;
                    RawMemory.WritePointer(_context + Layout.ImportedTablePointer(new TableIndex(index)), table.Record);
                    break;
                case Global global:
                    Globals[index] = global;
                    RawMemory.WritePointer(_context + Layout.ImportedGlobalPointer(new GlobalIndex(index)), global.Record);
                    break;
                case Tag tag:
                    Tags[index] = tag;
                    break;
            }
        }
    }

    private void CreateMemories()
    {
        if (HasOwnMemory0)
        {
            nint record = _context + VmLayout.Memory0Base;
            RawMemory.WritePointer(record + VmLayout.MemoryRecordBase, _context);
            RawMemory.Write64(record + VmLayout.MemoryRecordLength, (ulong)_slot.CommittedBytes);
        }

        for (int i = Math.Max(Definition.ImportedMemoryCount, 1); i < _memories.Length; i++)
        {
            MemoryType type = Definition.Memories[i];
            nint record = _context + Layout.OwnMemory(new MemoryIndex(i));
            _memories[i] = new Memory(Store, type, Memory.AllocateAlone(Store, Module.MemoryAtFirst(i)), record);
        }

        if (Module.State is not null)
        {
            CopyRuns();
        }
    }

    // Memory 0 has its pages mapped; other memories of a snapshot, which are rare, get them copied.
    private void CopyRuns()
    {
        CodeImage image = Module.Code.Image;
        ReadOnlySpan<byte> heap = image.Heap.Span;
        foreach (HeapRun run in image.HeapRuns)
        {
            if (run.Memory != 0)
            {
                _memories[run.Memory]!.Guest.TryWrite(run.Address, heap[..(int)run.Bytes]);
            }

            heap = heap[(int)run.Bytes..];
        }

        GC.KeepAlive(Module);   // whose bytes may be a mapping, which goes with its last user
    }

    private void CreateTables(InstanceTemplate template)
    {
        for (int i = 0; i < template.TableOffsets.Length; i++)
        {
            int table = Definition.ImportedTableCount + i;
            TableType type = Module.TableAtFirst(table);
            nint record = _context + Layout.OwnTable(new TableIndex(table));
            Span<ulong> elements;
            if (template.TableOffsets[i] is var offset and not 0)
            {
                long length = Table.Take(Store, type);
                RawMemory.WritePointer(record + VmLayout.TableRecordElements, _context + offset);
                RawMemory.Write64(record + VmLayout.TableRecordLength, (ulong)length);
                elements = RawMemory.Span<ulong>(_context + offset, (int)length);
            }
            else
            {
                var created = new Table(Store, type, Module.Space, record);
                _tables[table] = created;
                elements = created.Elements;
            }

            template.WriteElements(i, _context, Layout, elements);
        }
    }

    // What the template could not know, in the specification's order.
    private void Initialize(InstanceTemplate template)
    {
        foreach (int i in template.DynamicGlobals)
        {
            UInt128 value = Module.State is { } state
                ? ReferenceTo((int)state.Globals[i].Bits - 1)
                : Evaluate(Definition.GlobalInitializers[i]);
            RawMemory.Write128(_context + Layout.OwnGlobal(new GlobalIndex(Definition.ImportedGlobalCount + i)), value);
        }

        if (!template.HasStaticElements)
        {
            InitializeTables();
            ApplyElements();
        }

        if (!template.HasStaticData)
        {
            ApplyData();
            return;
        }

        ReadOnlySpan<byte> source = Definition.Bytes.Span;
        foreach (InstanceTemplate.DataCopy data in template.Data)
        {
            RawMemory.Copy(_context + data.To, source.Slice(data.From, data.Count));
        }

        GC.KeepAlive(Module);   // whose bytes may be a mapping, which goes with its last user
    }

    private void InitializeTables()
    {
        for (int i = 0; i < Definition.TableInitializers.Length; i++)
        {
            if (Definition.TableInitializers[i] is { } initializer)
            {
                TableAt(Definition.ImportedTableCount + i).Elements.Fill((ulong)Evaluate(initializer));
            }
        }
    }

    private void ApplyElements()
    {
        _droppedElements = new bool[Definition.Elements.Length];
        for (int i = 0; i < Definition.Elements.Length; i++)
        {
            ElementSegment segment = Definition.Elements[i];
            if (segment.Mode == SegmentMode.Active)
            {
                ulong at = (ulong)Evaluate(segment.Offset);
                if (!TryInitializeTable(segment.Table.Index, i, at, 0, (uint)segment.Count))
                {
                    Trap(TrapCode.TableOutOfBounds);
                }
            }

            _droppedElements[i] = segment.Mode != SegmentMode.Passive;
        }
    }

    private void ApplyData()
    {
        _droppedData = new bool[Definition.Data.Length];
        for (int i = 0; i < Definition.Data.Length; i++)
        {
            DataSegment segment = Definition.Data[i];
            if (segment.Mode == SegmentMode.Active)
            {
                ulong at = (ulong)Evaluate(segment.Offset);
                if (!TryInitializeMemory(segment.Memory.Index, i, at, 0, (uint)segment.BytesLength))
                {
                    Trap(TrapCode.MemoryOutOfBounds);
                }

                _droppedData[i] = true;
            }
        }
    }

    private bool IsDataDropped(int segment) => _droppedData is { } dropped
        ? dropped[segment]
        : Module.State?.DroppedData[segment] ?? Definition.Data[segment].Mode != SegmentMode.Passive;

    private bool IsElementDropped(int segment) => _droppedElements is { } dropped
        ? dropped[segment]
        : Module.State?.DroppedElements[segment] ?? Definition.Elements[segment].Mode != SegmentMode.Passive;

    private void DropData(int segment)
    {
        _droppedData ??= [.. Enumerable.Range(0, Definition.Data.Length).Select(IsDataDropped)];
        _droppedData[segment] = true;
    }

    private void DropElement(int segment)
    {
        _droppedElements ??= [.. Enumerable.Range(0, Definition.Elements.Length).Select(IsElementDropped)];
        _droppedElements[segment] = true;
        _evaluatedElements?[segment] = null;
    }

    private UInt128 Evaluate(ConstantExpression expression) =>
        ConstantEvaluator.Evaluate(Definition, expression, ReferenceTo, GlobalBits, Store.References.FromExternal);

    private UInt128 GlobalBits(int global) => RawMemory.Read128(global < Definition.ImportedGlobalCount
        ? Globals[global]!.Record
        : _context + Layout.OwnGlobal(new GlobalIndex(global)));

    [DoesNotReturn]
    private static void Trap(TrapCode code) => throw TrapFactory.WithoutFrames(code);
}
