using System.Buffers.Binary;
using Wisp.Abi;
using static Wisp.Abi.MachineRegister;

namespace Wisp.Stacks;

/// <summary>Writes the few x64 instructions that the stubs are made of.</summary>
/// <remarks>
/// The runtime runs images without the compiler, so it has this small writer of its own. Tests read its output with an
/// independent disassembler. Operands are 64 bits wide unless the name says otherwise.
/// </remarks>
internal sealed class StubAssembler
{
    private readonly List<byte> _code = [];
    private readonly List<int> _labels = [];
    private readonly List<(int At, int Label)> _fixups = [];

    public int Length => _code.Count;

    /// <summary>A place in the code, known or to come.</summary>
    public int NewLabel()
    {
        _labels.Add(-1);
        return _labels.Count - 1;
    }

    public void Bind(int label) => _labels[label] = _code.Count;

    public int OffsetOf(int label) => _labels[label];

    public void Align(int alignment)
    {
        while (_code.Count % alignment != 0)
        {
            _code.Add(0xCC);
        }
    }

    public byte[] ToArray()
    {
        byte[] code = [.. _code];
        foreach ((int at, int label) in _fixups)
        {
            BinaryPrimitives.WriteInt32LittleEndian(code.AsSpan(at), _labels[label] - (at + 4));
        }

        return code;
    }

    public void Push(MachineRegister r)
    {
        OptionalRex(0, r);
        _code.Add((byte)(0x50 + Low(r)));
    }

    public void Pop(MachineRegister r)
    {
        OptionalRex(0, r);
        _code.Add((byte)(0x58 + Low(r)));
    }

    public void Move(MachineRegister to, MachineRegister from) => RegisterForm(0x89, from, to);

    public void Load(MachineRegister to, MachineRegister from, int displacement) => MemoryForm(true, 0, [0x8B], to, from, displacement);

    public void Store(MachineRegister to, int displacement, MachineRegister from) => MemoryForm(true, 0, [0x89], from, to, displacement);

    public void Load32(MachineRegister to, MachineRegister from, int displacement) =>
        MemoryForm(false, 0, [0x8B], to, from, displacement);

    public void Store32(MachineRegister to, int displacement, MachineRegister from) =>
        MemoryForm(false, 0, [0x89], from, to, displacement);

    /// <summary>Stores the low byte of rax, rcx, rdx, rbx or r8 to r15.</summary>
    public void Store8(MachineRegister to, int displacement, MachineRegister from) =>
        MemoryForm(false, 0, [0x88], from, to, displacement);

    /// <summary>Loads a byte, zero-extended.</summary>
    public void Load8(MachineRegister to, MachineRegister from, int displacement) =>
        MemoryForm(false, 0, [0x0F, 0xB6], to, from, displacement);

    /// <summary>Stores a 32-bit constant.</summary>
    public void StoreImmediate32(MachineRegister to, int displacement, int value)
    {
        MemoryForm(false, 0, [0xC7], Rax, to, displacement);
        Int32(value);
    }

    public void LoadVector(MachineRegister to, MachineRegister from, int displacement) =>
        MemoryForm(false, 0, [0x0F, 0x10], to, from, displacement);

    public void StoreVector(MachineRegister to, int displacement, MachineRegister from) =>
        MemoryForm(false, 0, [0x0F, 0x11], from, to, displacement);

    /// <summary>vmovdqu ymm, [base + displacement]. AVX.</summary>
    public void LoadWideVector(MachineRegister to, MachineRegister from, int displacement) => WideForm(0x6F, to, from, displacement);

    public void StoreWideVector(MachineRegister to, int displacement, MachineRegister from) => WideForm(0x7F, from, to, displacement);

    /// <summary>vzeroupper.</summary>
    public void ZeroUpperHalves() => _code.AddRange([0xC5, 0xF8, 0x77]);

    /// <summary>movq xmm, r64.</summary>
    public void MoveToVector(MachineRegister to, MachineRegister from)
    {
        _code.Add(0x66);
        Rex(true, to, from);
        _code.AddRange([0x0F, 0x6E]);
        Direct(to, from);
    }

    /// <summary>punpcklqdq: the low 8 bytes twice.</summary>
    public void DuplicateLowHalf(MachineRegister vector)
    {
        _code.AddRange([0x66, 0x0F, 0x6C]);
        Direct(vector, vector);
    }

    /// <summary>vinsertf128 ymm, ymm, xmm, 1: the low 16 bytes twice. AVX; one of the first eight registers.</summary>
    public void DuplicateLowVector(MachineRegister vector)
    {
        _code.AddRange([0xC4, 0xE3, (byte)(0x05 | ((~(int)vector & 15) << 3)), 0x18]);
        Direct(vector, vector);
        _code.Add(1);
    }

    public void LoadAddress(MachineRegister to, MachineRegister from, int displacement) =>
        MemoryForm(true, 0, [0x8D], to, from, displacement);

    /// <summary>lea to, [rip + label].</summary>
    public void LoadAddress(MachineRegister to, int label)
    {
        Rex(true, to, Rax);
        _code.Add(0x8D);
        _code.Add((byte)((Low(to) << 3) | 5));
        Fixup(label);
    }

    public void LoadImmediate(MachineRegister to, ulong value)
    {
        Rex(true, Rax, to);
        _code.Add((byte)(0xB8 + Low(to)));
        for (int i = 0; i < 8; i++)
        {
            _code.Add((byte)(value >> (8 * i)));
        }
    }

    /// <summary>mov to32, value: the upper half becomes zero.</summary>
    public void LoadImmediate32(MachineRegister to, int value)
    {
        OptionalRex(0, to);
        _code.Add((byte)(0xB8 + Low(to)));
        Int32(value);
    }

    public void ZeroExtend8(MachineRegister to, MachineRegister from)
    {
        Rex(false, to, from);   // with a REX prefix the low byte of rsi and rdi can be named
        _code.Add(0x0F);
        _code.Add(0xB6);
        Direct(to, from);
    }

    public void Add(MachineRegister to, MachineRegister from) => RegisterForm(0x01, from, to);

    public void Subtract(MachineRegister to, MachineRegister from) => RegisterForm(0x29, from, to);

    public void Compare(MachineRegister left, MachineRegister right) => RegisterForm(0x39, right, left);

    public void Test(MachineRegister left, MachineRegister right) => RegisterForm(0x85, right, left);

    public void Multiply(MachineRegister to, MachineRegister by)
    {
        Rex(true, to, by);
        _code.Add(0x0F);
        _code.Add(0xAF);
        Direct(to, by);
    }

    public void Add(MachineRegister to, int value) => ImmediateForm(0, to, value);

    public void Subtract(MachineRegister to, int value) => ImmediateForm(5, to, value);

    public void And(MachineRegister to, int value) => ImmediateForm(4, to, value);

    public void Compare(MachineRegister left, int value) => ImmediateForm(7, left, value);

    public void CompareMemory(MachineRegister left, MachineRegister baseRegister, int displacement) =>
        MemoryForm(true, 0, [0x3B], left, baseRegister, displacement);

    /// <summary>cmp qword [base + displacement], value, sign-extended.</summary>
    public void CompareMemory(MachineRegister baseRegister, int displacement, sbyte value)
    {
        MemoryForm(true, 0, [0x83], (MachineRegister)7, baseRegister, displacement);
        _code.Add((byte)value);
    }

    public void Call(MachineRegister target)
    {
        OptionalRex(0, target);
        _code.Add(0xFF);
        _code.Add((byte)(0xD0 + Low(target)));
    }

    public void CallMemory(MachineRegister baseRegister, int displacement) =>
        MemoryForm(false, 0, [0xFF], (MachineRegister)2, baseRegister, displacement);

    public void JumpMemory(MachineRegister baseRegister, int displacement) =>
        MemoryForm(false, 0, [0xFF], (MachineRegister)4, baseRegister, displacement);

    public void Jump(MachineRegister target)
    {
        OptionalRex(0, target);
        _code.Add(0xFF);
        _code.Add((byte)(0xE0 + Low(target)));
    }

    public void Jump(int label)
    {
        _code.Add(0xE9);
        Fixup(label);
    }

    public void JumpIf(Condition condition, int label)
    {
        _code.Add(0x0F);
        _code.Add((byte)(0x80 + (int)condition));
        Fixup(label);
    }

    public void Return() => _code.Add(0xC3);

    public void Undefined() => _code.AddRange([0x0F, 0x0B]);

    public void SystemCall() => _code.AddRange([0x0F, 0x05]);

    /// <summary>rep movsb: rcx bytes from [rsi] to [rdi].</summary>
    public void RepeatMoveBytes() => _code.AddRange([0xF3, 0xA4]);

    /// <summary>rep stosb: rcx times al to [rdi].</summary>
    public void RepeatStoreBytes() => _code.AddRange([0xF3, 0xAA]);

    private static int Low(MachineRegister r) => (int)r & 7;

    private static bool IsHigh(MachineRegister r) => ((int)r & 8) != 0;

    private void RegisterForm(byte opcode, MachineRegister reg, MachineRegister rm)
    {
        Rex(true, reg, rm);
        _code.Add(opcode);
        Direct(reg, rm);
    }

    private void ImmediateForm(int extension, MachineRegister rm, int value)
    {
        bool isShort = value is >= sbyte.MinValue and <= sbyte.MaxValue;
        Rex(true, Rax, rm);
        _code.Add(isShort ? (byte)0x83 : (byte)0x81);
        Direct((MachineRegister)extension, rm);
        if (isShort)
        {
            _code.Add((byte)value);
        }
        else
        {
            Int32(value);
        }
    }

    private void MemoryForm(
        bool wide, byte prefix, ReadOnlySpan<byte> opcode, MachineRegister reg, MachineRegister baseRegister, int displacement)
    {
        if (prefix != 0)
        {
            _code.Add(prefix);
        }

        if (wide || IsHigh(reg) || IsHigh(baseRegister))
        {
            Rex(wide, reg, baseRegister);
        }

        _code.AddRange(opcode);
        bool isShort = displacement is >= sbyte.MinValue and <= sbyte.MaxValue;
        _code.Add((byte)((isShort ? 0x40 : 0x80) | (Low(reg) << 3) | Low(baseRegister)));
        if (Low(baseRegister) == (int)Rsp)
        {
            _code.Add(0x24);   // rsp and r12 as base need a SIB byte
        }

        if (isShort)
        {
            _code.Add((byte)displacement);
        }
        else
        {
            Int32(displacement);
        }
    }

    // VEX.256.F3.0F in two bytes, so the base is one of the first eight registers.
    private void WideForm(byte opcode, MachineRegister vector, MachineRegister baseRegister, int displacement)
    {
        _code.AddRange([0xC5, IsHigh(vector) ? (byte)0x7E : (byte)0xFE]);
        MemoryForm(false, 0, [opcode], (MachineRegister)Low(vector), baseRegister, displacement);
    }

    private void Direct(MachineRegister reg, MachineRegister rm) => _code.Add((byte)(0xC0 | (Low(reg) << 3) | Low(rm)));

    private void Rex(bool wide, MachineRegister reg, MachineRegister rm) =>
        _code.Add((byte)(0x40 | (wide ? 8 : 0) | (IsHigh(reg) ? 4 : 0) | (IsHigh(rm) ? 1 : 0)));

    private void OptionalRex(MachineRegister reg, MachineRegister rm)
    {
        if (IsHigh(rm))
        {
            Rex(false, reg, rm);
        }
    }

    private void Int32(int value)
    {
        for (int i = 0; i < 4; i++)
        {
            _code.Add((byte)(value >> (8 * i)));
        }
    }

    private void Fixup(int label)
    {
        _fixups.Add((_code.Count, label));
        Int32(0);
    }
}

/// <summary>Conditions of jumps, by their number in the opcode.</summary>
internal enum Condition
{
    Below = 2,
    AboveOrEqual = 3,
    Equal = 4,
    NotEqual = 5,
    BelowOrEqual = 6,
    Above = 7,
    Sign = 8,
}
