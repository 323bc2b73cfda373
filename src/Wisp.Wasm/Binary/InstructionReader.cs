using System.Runtime.CompilerServices;
using Wisp.Wasm.Model;

namespace Wisp.Wasm.Binary;

/// <summary>Reads instructions one after the other. The one decoder of instructions: validator, translator and printer use it.</summary>
/// <remarks>
/// Checks the binary format only: an index may be out of range, and nesting is the caller's matter. An index beyond an int reads as
/// <see cref="int.MaxValue"/>, which no index space reaches. Source:
/// <see href="https://webassembly.github.io/spec/core/binary/instructions.html">instructions</see>.
/// </remarks>
public ref partial struct InstructionReader
{
    private readonly OperandLists _lists;
    private ByteReader _bytes;
    private int _labelCount;
    private int _typeCount;
    private int _catchCount;

    /// <summary>Reads a part of a module.</summary>
    /// <param name="module">The module.</param>
    /// <param name="offset">Where the first instruction starts.</param>
    /// <param name="length">How many bytes of instructions there are.</param>
    public InstructionReader(WasmModule module, int offset, int length)
        : this(module.Bytes.Span, offset, length, new OperandLists())
    {
    }

    /// <summary>Reads a part of a module, keeping operand lists in arrays that outlive the reader.</summary>
    internal InstructionReader(ReadOnlySpan<byte> bytes, int offset, int length, OperandLists lists)
    {
        _bytes = new ByteReader(bytes, offset, offset + length);
        _lists = lists;
    }

    /// <summary>Whether every instruction has been read.</summary>
    public readonly bool AtEnd => _bytes.AtEnd;

    /// <summary>Where the next instruction starts.</summary>
    public readonly int Offset => _bytes.Offset;

    /// <summary>Depths that the last <c>br_table</c> branches to, its default last. Valid until the next read.</summary>
    public readonly ReadOnlySpan<int> Labels => _lists.Labels.AsSpan(0, _labelCount);

    /// <summary>Types of the last <c>select</c> with types. Valid until the next read.</summary>
    public readonly ReadOnlySpan<ValType> SelectTypes => _lists.Types.AsSpan(0, _typeCount);

    /// <summary>Catch clauses of the last <c>try_table</c>. Valid until the next read.</summary>
    public readonly ReadOnlySpan<CatchClause> Catches => _lists.Catches.AsSpan(0, _catchCount);

    /// <summary>Reads the next instruction.</summary>
    /// <param name="instruction">Receives it.</param>
    /// <exception cref="MalformedModuleException">There is none, or it is malformed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Read(ref Instruction instruction)
    {
        int offset = _bytes.Offset;
        byte code = _bytes.ReadByte();
        ushort opcode = Opcodes.Find(code);
        if (opcode == Opcodes.None)
        {
            opcode = ReadPrefixed(code, offset);
        }

        instruction.Opcode = (Opcode)opcode;
        instruction.Offset = offset;
        ImmediateKind immediates = instruction.Opcode.Immediates();
        if (immediates != ImmediateKind.None)
        {
            ReadImmediates(ref instruction, immediates);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ushort ReadPrefixed(byte prefix, int offset)
    {
        if (prefix is < 0xfb or > 0xfe)
        {
            Malformed.IllegalOpcode(prefix, offset);
        }

        uint code = _bytes.ReadU32();
        ushort opcode = Opcodes.Find(prefix, code);
        if (opcode == Opcodes.None)
        {
            Malformed.IllegalOpcode(prefix, code, offset);
        }

        return opcode;
    }

    private void ReadImmediates(ref Instruction instruction, ImmediateKind kind)
    {
        switch (kind)
        {
            case ImmediateKind.Label:
            case ImmediateKind.Func:
            case ImmediateKind.Type:
            case ImmediateKind.Local:
            case ImmediateKind.Global:
            case ImmediateKind.Table:
            case ImmediateKind.Elem:
            case ImmediateKind.Data:
            case ImmediateKind.Tag:
                instruction.Index = _bytes.ReadIndex();
                break;
            case ImmediateKind.I32:
                instruction.Bits = (uint)_bytes.ReadS32();
                break;
            case ImmediateKind.Memarg:
                ReadMemarg(ref instruction);
                break;
            case ImmediateKind.I64:
                instruction.Bits = (ulong)_bytes.ReadS64();
                break;
            case ImmediateKind.F32:
                instruction.Bits = _bytes.ReadFixed32();
                break;
            case ImmediateKind.F64:
                instruction.Bits = _bytes.ReadFixed64();
                break;
            case ImmediateKind.Block:
                instruction.Block = ReadBlockType();
                break;
            case ImmediateKind.BlockCatches:
                instruction.Block = ReadBlockType();
                ReadCatches();
                break;
            case ImmediateKind.Labels:
                ReadLabels();
                break;
            case ImmediateKind.TypeTable:
            case ImmediateKind.TypeType:
            case ImmediateKind.TypeField:
            case ImmediateKind.TypeCount:
            case ImmediateKind.TypeData:
            case ImmediateKind.TypeElem:
            case ImmediateKind.TableTable:
            case ImmediateKind.ElemTable:
                instruction.Index = _bytes.ReadIndex();
                instruction.Index2 = _bytes.ReadIndex();
                break;
            case ImmediateKind.Types:
                ReadTypes();
                break;
            case ImmediateKind.Memory:
                instruction.Memory = _bytes.ReadIndex();
                break;
            case ImmediateKind.MemoryMemory:
                instruction.Memory = _bytes.ReadIndex();
                instruction.Index2 = _bytes.ReadIndex();
                break;
            case ImmediateKind.DataMemory:
                instruction.Index = _bytes.ReadIndex();
                instruction.Memory = _bytes.ReadIndex();
                break;
            case ImmediateKind.MemargLane:
                ReadMemarg(ref instruction);
                instruction.Lane = _bytes.ReadByte();
                break;
            case ImmediateKind.Lane:
                instruction.Lane = _bytes.ReadByte();
                break;
            case ImmediateKind.Lanes:
            case ImmediateKind.V128:
                instruction.Vector = _bytes.ReadFixed128();
                break;
            case ImmediateKind.Heap:
                ReadHeap(ref instruction);
                break;
            case ImmediateKind.Cast:
                ReadCast(ref instruction);
                break;
            case ImmediateKind.Zero:
                ReadZero();
                break;
            default:
                throw new InvalidOperationException($"immediates {kind}");
        }
    }
}
