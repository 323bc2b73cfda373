using System.Diagnostics.CodeAnalysis;
using Wisp.Abi;
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
    private MemorySlot AllocateSlot()
    {
        int contextBytes = Layout.ContextBytes;
        if (Definition.Memories.Length > Definition.ImportedMemoryCount && Definition.ImportedMemoryCount == 0)
        {
            return Memory.Allocate(Store, Definition.Memories[0], contextBytes, Module.HeapImage);
        }

        SlotSize size = SlotSize.ContextOnly(contextBytes);
        MemorySlot slot = Store.Engine.Slots.Rent(size, null) ?? throw MemorySlot.OutOfMemory(size);
        Store.Own(new SlotLease(Store.Engine.Slots, slot));
        return slot;
    }

    private void WriteContext()
    {
        VmContext.WriteStubs(_context);
        RawMemory.Write64(_context + VmLayout.InstanceHandle, (ulong)Number);
        for (int i = 0; i < Definition.Types.Length; i++)
        {
            var type = new TypeIndex(i);
            RawMemory.Write32(_context + Layout.TypeId(type), Module.Space.IdOf(type));
        }

        nint next = _context + Module.FirstFuncRef;
        foreach ((nint code, uint typeId) in Module.FuncRefs)
        {
            RawMemory.WritePointer(next + VmLayout.FuncRefCode, code);
            RawMemory.WritePointer(next + VmLayout.FuncRefContext, _context);
            RawMemory.Write32(next + VmLayout.FuncRefTypeId, typeId);
            next += VmLayout.FuncRefBytes;
        }
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
                    _globals[index] = global;
                    RawMemory.WritePointer(_context + Layout.ImportedGlobalPointer(new GlobalIndex(index)), global.Record);
                    break;
                case Tag tag:
                    _tags[index] = tag;
                    break;
            }
        }
    }

    private void CreateMemories(MemorySlot slot)
    {
        for (int i = Definition.ImportedMemoryCount; i < _memories.Length; i++)
        {
            MemoryType type = Definition.Memories[i];
            nint record = _context + Layout.OwnMemory(new MemoryIndex(i));
            MemorySlot own = i == 0 ? slot : Memory.Allocate(Store, type, VmLayout.PageBytes);
            _memories[i] = new Memory(Store, type, own, record);
        }
    }

    private void CreateTables()
    {
        for (int i = Definition.ImportedTableCount; i < _tables.Length; i++)
        {
            nint record = _context + Layout.OwnTable(new TableIndex(i));
            _tables[i] = new Table(Store, Definition.Tables[i], Module.Space, record);
        }
    }

    private void InitializeGlobals()
    {
        int imported = Definition.ImportedGlobalCount;
        for (int i = 0; i < Definition.GlobalInitializers.Length; i++)
        {
            UInt128 value = Evaluate(Definition.GlobalInitializers[i]);
            RawMemory.Write128(_context + Layout.OwnGlobal(new GlobalIndex(imported + i)), value);
        }
    }

    private void InitializeTables()
    {
        for (int i = 0; i < Definition.TableInitializers.Length; i++)
        {
            if (Definition.TableInitializers[i] is { } initializer)
            {
                _tables[Definition.ImportedTableCount + i].Elements.Fill((ulong)Evaluate(initializer));
            }
        }
    }

    private void ApplyElements()
    {
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
        bool isMapped = Module.HeapImage is not null;   // then all active segments are in place already
        for (int i = 0; i < Definition.Data.Length; i++)
        {
            DataSegment segment = Definition.Data[i];
            if (segment.Mode == SegmentMode.Active)
            {
                ulong at = isMapped ? 0 : (ulong)Evaluate(segment.Offset);
                if (!isMapped && !TryInitializeMemory(segment.Memory.Index, i, at, 0, (uint)segment.BytesLength))
                {
                    Trap(TrapCode.MemoryOutOfBounds);
                }

                _droppedData[i] = true;
            }
        }
    }

    private UInt128 Evaluate(ConstantExpression expression) =>
        ConstantEvaluator.Evaluate(Definition, expression, ReferenceTo, GlobalBits, Store.References.FromExternal);

    private UInt128 GlobalBits(int global) => RawMemory.Read128(global < Definition.ImportedGlobalCount
        ? _globals[global]!.Record
        : _context + Layout.OwnGlobal(new GlobalIndex(global)));

    [DoesNotReturn]
    private static void Trap(TrapCode code) => throw TrapFactory.WithoutFrames(code);
}
