using Wisp.Abi;
using Wisp.Abi.Images;
using Wisp.Compiler.Allocation;
using Wisp.Compiler.Emission;
using Wisp.Compiler.Machine;
using static Wisp.Abi.MachineRegister;

namespace Wisp.Compiler.X64;

// The frame of a function. rbp chains frames, so a backtrace needs no unwind tables.
//
//     rbp+16 ...   arguments, then results, in memory
//     rbp+8        return address
//     rbp          caller's rbp
//     rbp-8        r15          }  only where SavesContext
//     rbp-16       Execution    }
//     ...          callee-saved registers in use
//     ...          spill slots: slot n at _slotBase + 8 n from rbp, ascending, so that a v128 covers slots n and n + 1
//     rsp

/// <summary>Writes the machine code of an allocated function.</summary>
internal sealed partial class X64Emitter
{
    private readonly X64Assembler _asm = new();
    private readonly List<(int Position, int Constant, int Behind)> _constantFixups = [];
    private readonly List<(int Position, byte Trap, int Source)> _trapFixups = [];
    private readonly List<(int Position, int Return, int Source)> _interruptFixups = [];
    private readonly List<(int Position, int FirstEdge, int Count)> _tableFixups = [];
    private readonly List<ColdCall> _coldCalls = [];
    private readonly List<CodeRelocation> _relocations = [];
    private readonly List<TrapSite> _traps = [];
    private readonly List<CallSite> _calls = [];
    private int[] _blockPositions = [];
    private MachineFunction _function = null!;
    private Allocation.Allocation _allocation = null!;
    private X64Selector _selector = null!;
    private CpuFeatures _features;
    private int _block;
    private uint _clobbers;   // of the current instruction
    private int _edit;
    private int _savedBytes;
    private int _slotBase;
    private int _frameBytes;
    private MachineRegister[] _saved = [];

    private readonly record struct ColdCall(int Position, int Back, int Source);

    /// <summary>
    /// Of the last function: where the code of each edit and instruction begins, in the order in which MachinePrinter prints them, and
    /// where that of the last one ends.
    /// </summary>
    public GrowableArray<int> Positions { get; } = new();

    public CodeBlob Emit(MachineFunction function, Allocation.Allocation allocation, X64Selector selector, CpuFeatures features)
    {
        _function = function;
        _allocation = allocation;
        _selector = selector;
        _features = features;
        Positions.Clear();
        _asm.Reset();
        _flags = default;
        _alignment = ImageFormat.FunctionAlignment;
        BeginJumpPadding(features);
        _loopEnd = -1;
        _paddedHeader = -1;
        _blockFixups.Clear();
        _constantFixups.Clear();
        _trapFixups.Clear();
        _interruptFixups.Clear();
        _tableFixups.Clear();
        _coldCalls.Clear();
        _relocations.Clear();
        _traps.Clear();
        _calls.Clear();
        if (_blockPositions.Length < function.Blocks.Count)
        {
            _blockPositions = new int[function.Blocks.Count];
        }

        FindEmptyBlocks();
        Prologue();
        _edit = 0;
        for (_block = 0; _block < function.Blocks.Count; _block++)
        {
            ref MachineBlock block = ref function.Blocks[_block];
            BeginBlock();
            _blockPositions[_block] = _asm.Position;
            if (_isEmpty[_block])
            {
                Positions.Add(_asm.Position);
                EndBlock();
                continue;
            }

            for (int i = block.First; i < block.End; i++)
            {
                while (_edit < allocation.Edits.Count && allocation.Edits[_edit].Before <= i)
                {
                    Positions.Add(_asm.Position);
                    EmitEdit(allocation.Edits[_edit++]);
                }

                Positions.Add(_asm.Position);
                _clobbers = function.ClobbersOf(function.Insts[i]);
                EmitInst(ref function.Insts[i]);
            }

            EndBlock();
        }

        Positions.Add(_asm.Position);
        EmitCold();
        PatchJumps();
        EmitConstants();
        _traps.Sort((a, b) => a.CodeOffset.CompareTo(b.CodeOffset));
        _calls.Sort((a, b) => a.CodeOffset.CompareTo(b.CodeOffset));
        return new CodeBlob
        {
            Code = _asm.Bytes.ToArray(),
            Relocations = [.. _relocations],
            Traps = [.. _traps],
            Calls = [.. _calls],
            FrameBytes = _frameBytes + 16,
            Alignment = _alignment,
        };
    }

    private void Prologue()
    {
        uint used = _allocation.UsedCalleeSaved;
        _saved = CallingConvention.CalleeSaved.Where(register => (used & (1u << (int)register)) != 0).ToArray();
        int contextBytes = _function.SavesContext ? 16 : 0;
        _savedBytes = contextBytes + (_saved.Length * 8);
        int slotBytes = _allocation.SlotCount * 8;
        _frameBytes = _savedBytes + slotBytes;
        _slotBase = -_frameBytes;
        Push(Rbp);
        _asm.RegReg(8, 0, X64Opcode.MovLoad, (int)Rbp, (int)Rsp);
        if (!_function.IsLeaf || _frameBytes > 8192)
        {
            StackCheck(_frameBytes > 4096 ? _frameBytes : 0, 0);
        }

        if (_function.SavesContext)
        {
            Push(R15);
            _asm.RegMem(4, 0, X64Opcode.PushMemory, X64Opcode.PushMemoryDigit, X64Address.At(R15, VmLayout.Execution));   // push [r15+Execution]
        }

        foreach (MachineRegister register in _saved)
        {
            Push(register);
        }

        if (slotBytes != 0)
        {
            AluImmediate(8, AluKind.Sub, Rsp, slotBytes);
        }
    }

    // Registers and rbp as they were at entry; rsp at the return address.
    private void Epilogue()
    {
        RestoreSaved();
        _asm.RegReg(8, 0, X64Opcode.MovLoad, (int)Rsp, (int)Rbp);
        Pop(Rbp);
    }

    private void RestoreSaved()
    {
        int offset = -(_function.SavesContext ? 16 : 0);
        foreach (MachineRegister register in _saved)
        {
            offset -= 8;
            _asm.RegMem(8, 0, X64Opcode.MovLoad, (int)register, X64Address.At(Rbp, offset));
        }
    }

    // The way back from the cold side leads to the comparison: poison hid whether the stack is enough, and only the comparison
    // keeps a large frame out of what lies below the stack.
    private void StackCheck(int frameBytes, int source)
    {
        JumpTargetHere();
        int again = _asm.Position;
        MachineRegister pointer = Rsp;
        if (frameBytes != 0)
        {
            _asm.RegMem(8, 0, X64Opcode.Lea, (int)R11, X64Address.At(Rsp, -frameBytes));
            pointer = R11;
        }

        _asm.RegMem(8, 0, X64Opcode.CmpLoad, (int)pointer, X64Address.At(R15, VmLayout.StackLimit));
        _coldCalls.Add(new ColdCall(Jcc(X64Condition.Below), again, source));
    }

    private void EmitCold()
    {
        foreach (ColdCall cold in _coldCalls)
        {
            PatchHere(cold.Position);
            CallMemory(R15, VmLayout.InterruptStub);
            _calls.Add(new CallSite(_asm.Position, cold.Source));
            int back = Jmp();
            _asm.PatchInt32(back, cold.Back - (back + 4));
        }

        foreach ((int position, byte trap, int source) in _trapFixups)
        {
            PatchHere(position);
            TrapHere(trap, source);
        }
    }

    private void TrapHere(byte code, int source)
    {
        _traps.Add(new TrapSite(_asm.Position, code, source));
        _asm.Byte(0x0F);
        _asm.Byte(0x0B);
    }

    private void EmitConstants()
    {
        foreach ((int position, int firstEdge, int count) in _tableFixups)
        {
            _asm.Align(4, 0xCC);
            int table = _asm.Position;
            _asm.PatchInt32(position, table - (position + 4));
            for (int e = 0; e < count; e++)
            {
                _asm.Int32(_blockPositions[Follow(_function.Edges[firstEdge + e].Target)] - table);
            }
        }

        if (_constantFixups.Count > 0)
        {
            _asm.Align(16, 0xCC);
            int pool = _asm.Position;
            foreach (UInt128 constant in _function.Constants.Span)
            {
                _asm.Int64((long)(ulong)constant);
                _asm.Int64((long)(ulong)(constant >> 64));
            }

            foreach ((int position, int constant, int behind) in _constantFixups)
            {
                _asm.PatchInt32(position, pool + (constant * 16) - (position + 4 + behind));
            }
        }
    }

    private void EmitEdit(in Edit edit)
    {
        if (edit.From == Location.None)
        {
            ref MachineInst inst = ref _function.Insts[edit.RematerializedInst];
            if (edit.To.IsRegister)
            {
                EmitConstantTo(inst, edit.To.Register);
            }
            else
            {
                EmitConstantToSlot(inst, edit.To, edit.Class);
            }

            return;
        }

        Move(edit.From, edit.To, edit.Class);
    }

    private MachineRegister IntegerScratch => Scratch(R11);

    private MachineRegister FloatScratch => Scratch(Xmm15);

    // Elsewhere these registers hold values.
    private MachineRegister Scratch(MachineRegister register) => (_clobbers >> (int)register & 1) != 0
        ? register
        : throw new InvalidOperationException($"{register} is no scratch register here: X64Scratch has to name the instruction");

    private X64Address Slot(Location location) => X64Address.At(Rbp, _slotBase + (location.SlotNumber * 8));

    private void Move(Location from, Location to, RegisterClass registerClass)
    {
        if (from == to)
        {
            return;
        }

        bool isInteger = registerClass == RegisterClass.Integer;
        if (from.IsRegister && to.IsRegister)
        {
            if (isInteger)
            {
                _asm.RegReg(8, 0, X64Opcode.MovLoad, (int)to.Register, (int)from.Register);
            }
            else
            {
                _asm.RegReg(4, 0, X64Opcode.MovVector, (int)to.Register, (int)from.Register);
            }
        }
        else if (from.IsRegister)
        {
            Store(from.Register, Slot(to), registerClass);
        }
        else if (to.IsRegister)
        {
            Load(to.Register, Slot(from), registerClass);
        }
        else
        {
            MoveThroughStack(from, to, registerClass == RegisterClass.Vector ? 2 : 1);
        }
    }

    // For where no register is free.
    private void MoveThroughStack(Location from, Location to, int words)
    {
        for (int i = 0; i < words; i++)
        {
            _asm.RegMem(4, 0, X64Opcode.PushMemory, X64Opcode.PushMemoryDigit, Slot(Location.Slot(from.SlotNumber + i)));
        }

        for (int i = words - 1; i >= 0; i--)
        {
            _asm.RegMem(4, 0, X64Opcode.PopMemory, X64Opcode.PopMemoryDigit, Slot(Location.Slot(to.SlotNumber + i)));
        }
    }

    private void Load(MachineRegister register, in X64Address address, RegisterClass registerClass)
    {
        switch (registerClass)
        {
            case RegisterClass.Integer:
                _asm.RegMem(8, 0, X64Opcode.MovLoad, (int)register, address);
                break;
            case RegisterClass.Float:
                _asm.RegMem(4, 0xF2, X64Opcode.MovFloatLoad, (int)register, address);
                break;
            default:
                _asm.RegMem(4, 0, X64Opcode.MovVectorLoad, (int)register, address);
                break;
        }
    }

    private void Store(MachineRegister register, in X64Address address, RegisterClass registerClass)
    {
        switch (registerClass)
        {
            case RegisterClass.Integer:
                _asm.RegMem(8, 0, X64Opcode.MovStore, (int)register, address);
                break;
            case RegisterClass.Float:
                _asm.RegMem(4, 0xF2, X64Opcode.MovFloatStore, (int)register, address);
                break;
            default:
                _asm.RegMem(4, 0, X64Opcode.MovVectorStore, (int)register, address);
                break;
        }
    }

    private void EmitConstantToSlot(in MachineInst inst, Location slot, RegisterClass registerClass)
    {
        if ((X64Op)inst.Op is X64Op.ContextAddress or X64Op.LoadReadOnly)
        {
            Push(Rax);
            EmitConstantTo(inst, Rax);
            Store(Rax, Slot(slot), registerClass);
            Pop(Rax);
            return;
        }

        UInt128 bits = (X64Op)inst.Op switch
        {
            X64Op.LoadImmediate => (ulong)inst.Immediate,
            X64Op.LoadZeroFloat => 0,
            X64Op.LoadOnes => UInt128.MaxValue,
            _ => _function.Constants[(int)inst.Immediate],
        };
        for (int offset = 0; offset < (registerClass == RegisterClass.Vector ? 16 : 8); offset += 4)
        {
            X64Address address = Slot(slot);
            address = address with { Displacement = address.Displacement + offset };
            _asm.RegMem(4, 0, X64Opcode.MovImmediate, X64Opcode.MovImmediateDigit, address);
            _asm.Int32((int)(uint)(bits >> (8 * offset)));
        }
    }

    private void EmitConstantTo(in MachineInst inst, MachineRegister register)
    {
        switch ((X64Op)inst.Op)
        {
            case X64Op.LoadImmediate:
                LoadImmediate(register, inst.Immediate);
                break;
            case X64Op.ContextAddress:
                _asm.RegMem(8, 0, X64Opcode.Lea, (int)register, X64Address.At(R15, inst.Displacement));
                break;
            case X64Op.LoadReadOnly:
                _asm.RegMem(inst.Size, 0, X64Opcode.MovLoad, (int)register, X64Address.At(R15, inst.Displacement));
                break;
            case X64Op.LoadZeroFloat:
                _asm.RegReg(4, 0, X64Opcode.XorFloat, (int)register, (int)register);
                break;
            case X64Op.LoadOnes:
                LoadOnes(register);
                break;
            case X64Op.LoadConstant when inst.Size == 16:
                _constantFixups.Add((_asm.RegRip(4, 0, X64Opcode.MovVector, (int)register), (int)inst.Immediate, 0));
                break;
            default:
                _constantFixups.Add((_asm.RegRip(4, inst.Size == 4 ? 0xF3 : 0xF2, X64Opcode.MovFloatLoad, (int)register), (int)inst.Immediate, 0));
                break;
        }
    }

    // xor would be shorter for zero, but it changes the flags, and an edit may stand between a comparison and its use.
    private void LoadImmediate(MachineRegister register, long value)
    {
        int number = (int)register;
        if ((ulong)value <= uint.MaxValue)
        {
            if (number >= 8)
            {
                _asm.Byte(0x41);
            }

            _asm.Byte(0xB8 | (number & 7));
            _asm.Int32((int)value);
        }
        else if (value == (int)value)
        {
            _asm.RegReg(8, 0, X64Opcode.MovImmediate, 0, number);
            _asm.Int32((int)value);
        }
        else
        {
            _asm.Byte(0x48 | (number >> 3));
            _asm.Byte(0xB8 | (number & 7));
            _asm.Int64(value);
        }
    }

    private void AluImmediate(int size, AluKind kind, MachineRegister register, int immediate)
    {
        if (immediate is >= -128 and <= 127)
        {
            _asm.RegReg(size, 0, X64Opcode.AluImmediate8, (int)kind, (int)register);
            _asm.Byte(immediate);
        }
        else
        {
            _asm.RegReg(size, 0, X64Opcode.AluImmediate32, (int)kind, (int)register);
            _asm.Int32(immediate);
        }
    }

    private void AluReg(int size, AluKind kind, MachineRegister left, MachineRegister right) =>
        _asm.RegReg(size, 0, ((int)kind << 3) | 3, (int)left, (int)right);

    private void MoveReg(int size, MachineRegister to, MachineRegister from) => _asm.RegReg(size, 0, X64Opcode.MovLoad, (int)to, (int)from);

    private void Push(MachineRegister register)
    {
        if ((int)register >= 8)
        {
            _asm.Byte(0x41);
        }

        _asm.Byte(0x50 | ((int)register & 7));
    }

    private void Pop(MachineRegister register)
    {
        if ((int)register >= 8)
        {
            _asm.Byte(0x41);
        }

        _asm.Byte(0x58 | ((int)register & 7));
    }

    /// <summary>A long conditional jump; its displacement is patched later.</summary>
    private int Jcc(X64Condition condition)
    {
        int start = _asm.Position;
        _asm.Byte(0x0F);
        _asm.Byte(0x80 | (int)condition);
        _asm.Int32(0);
        PlaceJump(start, isConditional: true);
        return _asm.Position - 4;
    }

    private int Jmp()
    {
        int start = _asm.Position;
        _asm.Byte(0xE9);
        _asm.Int32(0);
        PlaceJump(start);
        return _asm.Position - 4;
    }

    private void JumpRegister(MachineRegister register)
    {
        int start = _asm.Position;
        _asm.RegReg(4, 0, X64Opcode.JumpNear, X64Opcode.JumpNearDigit, (int)register);
        PlaceJump(start);
    }

    private void PatchHere(int position)
    {
        JumpTargetHere();
        _asm.PatchInt32(position, _asm.Position - (position + 4));
    }

    private void TrapWhen(X64Condition condition, in MachineInst inst) =>
        _trapFixups.Add((Jcc(condition), inst.TrapCode, inst.SourceOffset));

    private void TrapWhen(X64Condition condition, TrapCode code, in MachineInst inst) =>
        _trapFixups.Add((Jcc(condition), (byte)code, inst.SourceOffset));
}
