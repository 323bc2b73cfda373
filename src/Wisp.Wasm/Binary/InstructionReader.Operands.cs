using Wisp.Wasm.Model;

namespace Wisp.Wasm.Binary;

// Immediates of more than one number.
public ref partial struct InstructionReader
{
    private const uint MemoryIndexFlag = 1 << 6;
    private const uint MemargFlagsLimit = 1 << 7;
    private const byte EmptyBlock = 0x40;

    /// <summary>Arrays for the immediates that are lists. They grow to the longest list seen and are used again.</summary>
    internal sealed class OperandLists
    {
        public int[] Labels = [];
        public ValType[] Types = [];
        public CatchClause[] Catches = [];
    }

    // memarg   https://webassembly.github.io/spec/core/binary/instructions.html#memory-instructions
    //   align:u32 offset:u64              memory 0, when align < 64
    //   align:u32 memory:u32 offset:u64   64 <= align < 128: bit 6 announces the index and is then cleared
    // The alignment is an exponent and only a hint. The offset is a u64 even for a 32-bit memory; the validator limits it.
    private void ReadMemarg(ref Instruction instruction)
    {
        int at = _bytes.Offset;
        uint flags = _bytes.ReadU32();
        instruction.Memory = 0;
        if (flags >= MemoryIndexFlag)
        {
            if (flags >= MemargFlagsLimit)
            {
                Malformed.MemargFlags(flags, at);
            }

            flags -= MemoryIndexFlag;
            instruction.Memory = _bytes.ReadIndex();
        }

        instruction.Align = (byte)flags;
        instruction.Bits = _bytes.ReadU64();
    }

    // blocktype   40 | valtype | s33 >= 0: a function type
    private BlockType ReadBlockType()
    {
        byte first = _bytes.PeekByte();
        if (first == EmptyBlock)
        {
            _bytes.Skip(1);
            return BlockType.Empty;
        }

        // One byte with bit 6 set is a negative number: a value type.
        if ((first & 0xc0) == 0x40)
        {
            return BlockType.Of(_bytes.ReadValType());
        }

        int at = _bytes.Offset;
        long index = _bytes.ReadS33();
        if (index < 0)
        {
            Malformed.BlockType(index, at);
        }

        return BlockType.Of(new TypeIndex((int)Math.Min(index, int.MaxValue)));
    }

    // br_table   count:u32 label:u32* default:u32
    private void ReadLabels()
    {
        int count = _bytes.ReadCount("br_table labels", int.MaxValue - 1) + 1;
        int[] labels = Room(ref _lists.Labels, count);
        for (int i = 0; i < count; i++)
        {
            labels[i] = _bytes.ReadIndex();
        }

        _labelCount = count;
    }

    private void ReadTypes()
    {
        int count = _bytes.ReadCount("select types", int.MaxValue);
        ValType[] types = Room(ref _lists.Types, count);
        for (int i = 0; i < count; i++)
        {
            types[i] = _bytes.ReadValType();
        }

        _typeCount = count;
    }

    // catch   00 tag label | 01 tag label | 02 label | 03 label
    private void ReadCatches()
    {
        int count = _bytes.ReadCount("catch clauses", int.MaxValue);
        CatchClause[] catches = Room(ref _lists.Catches, count);
        for (int i = 0; i < count; i++)
        {
            int at = _bytes.Offset;
            byte kind = _bytes.ReadByte();
            if (kind > (byte)CatchKind.CatchAllRef)
            {
                Malformed.CatchKind(kind, at);
            }

            int tag = kind <= (byte)CatchKind.CatchRef ? _bytes.ReadIndex() : 0;
            catches[i] = new CatchClause((CatchKind)kind, new TagIndex(tag), _bytes.ReadIndex());
        }

        _catchCount = count;
    }

    private void ReadHeap(ref Instruction instruction)
    {
        instruction.Heap = _bytes.ReadHeapType();
        bool nullable = instruction.Opcode is Opcode.RefNull or Opcode.RefTestNull or Opcode.RefCastNull;
        instruction.Type = ValType.Reference(nullable, instruction.Heap);
    }

    // br_on_cast   flags label heap heap: bit 0 says whether the operand's type is nullable, bit 1 whether the target's is
    private void ReadCast(ref Instruction instruction)
    {
        int at = _bytes.Offset;
        byte flags = _bytes.ReadByte();
        if (flags > 3)
        {
            Malformed.CastFlags(flags, at);
        }

        instruction.Index = _bytes.ReadIndex();
        instruction.Type = ValType.Reference((flags & 1) != 0, _bytes.ReadHeapType());
        instruction.Type2 = ValType.Reference((flags & 2) != 0, _bytes.ReadHeapType());
    }

    private void ReadZero()
    {
        int at = _bytes.Offset;
        if (_bytes.ReadByte() != 0)
        {
            Malformed.ZeroByte(at);
        }
    }

    private static T[] Room<T>(ref T[] array, int count)
    {
        if (array.Length < count)
        {
            array = new T[Math.Max(count, Math.Min(2 * array.Length, Array.MaxLength))];
        }

        return array;
    }
}
