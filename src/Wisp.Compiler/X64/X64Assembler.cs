using System.Buffers.Binary;
using Wisp.Abi;

namespace Wisp.Compiler.X64;

/// <summary>An address in machine registers: base + index * 2^scale + displacement, or relative to rip.</summary>
internal readonly record struct X64Address(MachineRegister? Base, MachineRegister? Index, int Scale, int Displacement)
{
    public static X64Address At(MachineRegister register, int displacement) => new(register, null, 0, displacement);
}

// Instruction bytes:   [66|F2|F3] [REX] opcode [ModRM [SIB] [disp8|disp32]] [imm]
//   REX    0100 W R X B: 64-bit operand, and the fourth bits of ModRM.reg, SIB.index and ModRM.rm (or SIB.base)
//   rm=100 announces a SIB; base=101 with mod=00 means "no base, disp32", so rbp and r13 always carry a displacement.

/// <summary>Writes x64 instructions into a growing buffer.</summary>
internal sealed partial class X64Assembler
{
    public const int LongestNop = 9;

    private byte[] _bytes = new byte[4096];

    public int Position { get; private set; }

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, Position);

    /// <summary>Where the last instruction with a ModRM byte begins. Behind it there may be others, without.</summary>
    public int InstructionStart { get; private set; }

    public void Reset() => Truncate(0);

    /// <summary>Takes back everything from a position on.</summary>
    public void Truncate(int position)
    {
        Position = position;
        InstructionStart = position;
    }

    /// <summary>Puts instructions that do nothing before those from a position on.</summary>
    public void Insert(int position, int bytes)
    {
        byte[] behind = Bytes[position..].ToArray();
        Position = position;
        Pad(bytes);
        foreach (byte b in behind)
        {
            Byte(b);
        }
    }

    /// <summary>Instructions that do nothing, as few as there can be.</summary>
    public void Pad(int bytes)
    {
        while (bytes > 0)
        {
            int length = Math.Min(bytes, LongestNop);
            Nop(length);
            bytes -= length;
        }
    }

    /// <summary>One instruction of 1 to <see cref="LongestNop"/> bytes that does nothing: nop [rax+rax+disp32], shorter forms, prefixes.</summary>
    public void Nop(int bytes)
    {
        ReadOnlySpan<byte> form = bytes switch
        {
            1 => [0x90],
            2 => [0x66, 0x90],
            3 => [0x0F, 0x1F, 0x00],
            4 => [0x0F, 0x1F, 0x40, 0],
            5 => [0x0F, 0x1F, 0x44, 0, 0],
            6 => [0x66, 0x0F, 0x1F, 0x44, 0, 0],
            7 => [0x0F, 0x1F, 0x80, 0, 0, 0, 0],
            8 => [0x0F, 0x1F, 0x84, 0, 0, 0, 0, 0],
            _ => [0x66, 0x0F, 0x1F, 0x84, 0, 0, 0, 0, 0],
        };
        foreach (byte b in form)
        {
            Byte(b);
        }
    }

    public void Byte(int value)
    {
        if (Position == _bytes.Length)
        {
            Array.Resize(ref _bytes, _bytes.Length * 2);
        }

        _bytes[Position++] = (byte)value;
    }

    public void Int32(int value)
    {
        if (Position + 4 > _bytes.Length)
        {
            Array.Resize(ref _bytes, _bytes.Length * 2);
        }

        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(Position), value);
        Position += 4;
    }

    public void Int64(long value)
    {
        Int32((int)value);
        Int32((int)(value >> 32));
    }

    public void PatchByte(int position, int value) => _bytes[position] = (byte)value;

    public void PatchInt32(int position, int value) => BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(position), value);

    public void Align(int alignment, byte fill)
    {
        while ((Position & (alignment - 1)) != 0)
        {
            Byte(fill);
        }
    }

    /// <summary>Opcode with a register and a register or memory operand.</summary>
    public void RegReg(int size, int prefix, int opcode, int reg, int rm, bool byteRm = false)
    {
        InstructionStart = Position;
        Prefix(prefix);
        int rex = (size == 8 ? 8 : 0) | ((reg & 8) >> 1) | ((rm & 8) >> 3);
        if (rex != 0 || (size == 1 && (reg & 15) >= 4) || (byteRm && (rm & 15) >= 4) || (size == 1 && (rm & 15) >= 4))
        {
            Byte(0x40 | rex);
        }

        Opcode(opcode);
        Byte(0xC0 | ((reg & 7) << 3) | (rm & 7));
    }

    public void RegMem(int size, int prefix, int opcode, int reg, in X64Address address)
    {
        InstructionStart = Position;
        Prefix(prefix);
        int baseNumber = address.Base is MachineRegister b ? (int)b & 15 : 0;
        int indexNumber = address.Index is MachineRegister i ? (int)i & 15 : 0;
        int rex = (size == 8 ? 8 : 0) | ((reg & 8) >> 1) | ((indexNumber & 8) >> 2) | ((baseNumber & 8) >> 3);
        if (rex != 0 || (size == 1 && (reg & 15) >= 4))
        {
            Byte(0x40 | rex);
        }

        Opcode(opcode);
        Address(reg & 7, address, baseNumber, indexNumber);
    }

    /// <summary>Opcode with an operand at rip plus a displacement that is patched later.</summary>
    /// <returns>Position of the displacement.</returns>
    public int RegRip(int size, int prefix, int opcode, int reg, int bytesBehind = 0)
    {
        _ = bytesBehind;
        InstructionStart = Position;
        Prefix(prefix);
        int rex = (size == 8 ? 8 : 0) | ((reg & 8) >> 1);
        if (rex != 0)
        {
            Byte(0x40 | rex);
        }

        Opcode(opcode);
        Byte(((reg & 7) << 3) | 5);
        Int32(0);
        return Position - 4;
    }

    // VEX:  C5 [R vvvv L pp]   or   C4 [R X B map] [W vvvv L pp], with R, X, B and vvvv inverted.
    //   map 1: 0F, 2: 0F 38, 3: 0F 3A;   pp 1: 66, 2: F3, 3: F2
    private void Vex(int size, int prefix, int map, int reg, int second, int index, int rm)
    {
        InstructionStart = Position;
        int pp = prefix switch
        {
            0x66 => 1,
            0xF3 => 2,
            0xF2 => 3,
            _ => 0,
        };
        int last = ((~second & 15) << 3) | pp;
        int notR = (~reg & 8) << 4;
        if (size != 8 && map == 1 && ((index | rm) & 8) == 0)
        {
            Byte(0xC5);
            Byte(notR | last);
            return;
        }

        Byte(0xC4);
        Byte(notR | ((~index & 8) << 3) | ((~rm & 8) << 2) | map);
        Byte((size == 8 ? 0x80 : 0) | last);
    }

    /// <summary>VEX instruction with three registers: reg and second, as the opcode has them, and a register in ModRM.rm.</summary>
    public void VexRegReg(int size, int prefix, int map, int opcode, int reg, int second, int rm)
    {
        Vex(size, prefix, map, reg, second, 0, rm);
        Byte(opcode);
        Byte(0xC0 | ((reg & 7) << 3) | (rm & 7));
    }

    public void VexRegMem(int size, int prefix, int map, int opcode, int reg, int second, in X64Address address)
    {
        int baseNumber = address.Base is MachineRegister b ? (int)b & 15 : 0;
        int indexNumber = address.Index is MachineRegister i ? (int)i & 15 : 0;
        Vex(size, prefix, map, reg, second, indexNumber, baseNumber);
        Byte(opcode);
        Address(reg & 7, address, baseNumber, indexNumber);
    }

    /// <summary>VEX instruction with an operand at rip plus a displacement that is patched later.</summary>
    /// <returns>Position of the displacement.</returns>
    public int VexRegRip(int size, int prefix, int map, int opcode, int reg, int second)
    {
        Vex(size, prefix, map, reg, second, 0, 0);
        Byte(opcode);
        Byte(((reg & 7) << 3) | 5);
        Int32(0);
        return Position - 4;
    }

    private void Address(int reg, in X64Address address, int baseNumber, int indexNumber)
    {
        int mod = address.Displacement == 0 && (baseNumber & 7) != 5 ? 0
            : address.Displacement is >= -128 and <= 127 ? 1 : 2;
        if (address.Base is null)
        {
            // [index * scale + disp32]
            Byte((reg << 3) | 4);
            Byte((address.Scale << 6) | ((address.Index is null ? 4 : indexNumber & 7) << 3) | 5);
            Int32(address.Displacement);
            return;
        }

        if (address.Index is not null || (baseNumber & 7) == 4)
        {
            Byte((mod << 6) | (reg << 3) | 4);
            Byte((address.Scale << 6) | ((address.Index is null ? 4 : indexNumber & 7) << 3) | (baseNumber & 7));
        }
        else
        {
            Byte((mod << 6) | (reg << 3) | (baseNumber & 7));
        }

        if (mod == 1)
        {
            Byte(address.Displacement);
        }
        else if (mod == 2)
        {
            Int32(address.Displacement);
        }
    }

    private void Prefix(int prefix)
    {
        if (prefix != 0)
        {
            Byte(prefix);
        }
    }

    private void Opcode(int opcode)
    {
        if (opcode > 0xFFFF)
        {
            Byte(opcode >> 16);
        }

        if (opcode > 0xFF)
        {
            Byte(opcode >> 8);
        }

        Byte(opcode);
    }
}
