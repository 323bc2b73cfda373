using Wisp.Abi;
using Wisp.Compiler.Ir;
using Wisp.Compiler.Machine;
using Wisp.Wasm.Model;

namespace Wisp.Compiler.X64;

/// <summary>Chooses machine instructions for a function in SSA form.</summary>
internal sealed partial class X64Selector
{
    private const int None = -1;

    private readonly Dictionary<FunctionType, CallingConvention> _conventions = [];
    private readonly Dictionary<UInt128, int> _constants = [];
    private SsaFunction _ssa = null!;
    private MachineFunction _machine = null!;
    private WasmModule _module = null!;
    private VmLayout _layout = null!;
    private CallingConvention _own = null!;
    private int[] _useCounts = [];
    private int[] _vregs = [];
    private bool[] _fused = [];
    private int[] _at = [];
    private CpuFeatures _features;
    private int[] _machineBlocks = [];
    private int[] _predecessorCounts = [];
    private readonly GrowableArray<int> _values = new();
    private int _blockFirst;
    private int _source;

    public void Select(
        SsaFunction ssa, MachineFunction machine, WasmModule module, VmLayout layout, CpuFeatures features = CpuFeatures.None)
    {
        _features = features;
        _ssa = ssa;
        _machine = machine;
        _module = module;
        _layout = layout;
        machine.Reset();
        TailCalls.Clear();
        _constants.Clear();
        machine.Function = ssa.Function;
        machine.IsLeaf = true;
        machine.AllocatableRegisters = Allocatable;
        machine.CalleeSavedRegisters = CalleeSaved;
        _own = Convention(ssa.Type);
        CountUses();
        Prepare(ref _vregs, ssa.Insts.Count, None);
        Prepare(ref _machineBlocks, ssa.Blocks.Count, None);
        for (int i = 0; i < ssa.Order.Count; i++)
        {
            _machineBlocks[ssa.Order[i]] = i;
        }

        for (int i = 0; i < ssa.Order.Count; i++)
        {
            SelectBlock(i, ssa.Order[i]);
        }

        ListPredecessors();
    }

    private const uint Allocatable = 0xFFFF_0000u | (0xFFFFu & ~((1u << 4) | (1u << 5) | (1u << 15)));
    private const uint CalleeSaved = (1u << 3) | (1u << 12) | (1u << 13) | (1u << 14);
    private const uint CallClobbers = Allocatable & ~CalleeSaved;

    private static void Prepare<T>(ref T[] array, int count, T value)
    {
        if (array.Length < count)
        {
            array = new T[Math.Max(count, array.Length * 2)];
        }

        array.AsSpan(0, count).Fill(value);
    }

    private CallingConvention Convention(FunctionType type)
    {
        if (!_conventions.TryGetValue(type, out CallingConvention? convention))
        {
            convention = new CallingConvention(type);
            _conventions.Add(type, convention);
        }

        return convention;
    }

    private void CountUses()
    {
        Prepare(ref _useCounts, _ssa.Insts.Count, 0);
        Prepare(ref _fused, _ssa.Insts.Count, false);
        Prepare(ref _at, _ssa.Insts.Count, None);
        foreach (int block in _ssa.Order.Span)
        {
            ref Block b = ref _ssa.Blocks[block];
            for (int i = b.First; i < b.End; i++)
            {
                CountUses(i, 1);
            }
        }
    }

    private void CountUses(int inst, int step)
    {
        var counter = new UseCounter(_useCounts, step);
        OpShape.VisitUses(_ssa, inst, ref counter);
    }

    private readonly struct UseCounter(int[] counts, int step) : IValueVisitor
    {
        public void Visit(ref int value) => counts[value] += step;
    }

    private void SelectBlock(int position, int block)
    {
        Block b = _ssa.Blocks[block];
        _blockFirst = b.First;
        var machineBlock = new MachineBlock
        {
            First = _machine.Insts.Count,
            LoopDepth = b.LoopDepth,
            IsLoopHeader = b.IsLoopHeader,
            IsCold = b.IsCold,
        };
        if (position == 0)
        {
            SelectArguments(block);
            machineBlock.ParamStart = _machine.Lists.Count;
        }
        else
        {
            machineBlock.ParamStart = _machine.Lists.Count;
            machineBlock.ParamCount = b.ParamCount;
            foreach (int param in _ssa.Params(block))
            {
                _machine.Lists.Add(VregOf(param));
            }
        }

        MarkFolds(b);
        for (int i = b.First; i < b.End; i++)
        {
            Op op = _ssa.Insts[i].Op;
            if (op is Op.Nop or Op.Param or Op.CallResult || _fused[i])
            {
                continue;
            }

            _source = _ssa.SourceOffsets[i];
            if (op >= Op.Jump && op <= Op.TailCallRef)
            {
                machineBlock.SuccessorStart = _machine.Edges.Count;
                SelectTerminator(i);
                machineBlock.SuccessorCount = _machine.Edges.Count - machineBlock.SuccessorStart;
                break;
            }

            if (_useCounts[i] == 0 && OpShape.IsRemovable(_ssa.Insts[i]))
            {
                continue;
            }

            SelectInst(i);
        }

        machineBlock.End = _machine.Insts.Count;
        _machine.Blocks.Add(machineBlock);
    }

    private void ListPredecessors()
    {
        Span<MachineBlock> blocks = _machine.Blocks.Span;
        Prepare(ref _predecessorCounts, blocks.Length, 0);
        int[] counts = _predecessorCounts;
        foreach (MachineEdge edge in _machine.Edges.Span)
        {
            counts[edge.Target]++;
        }

        int total = 0;
        int start = _machine.Lists.Count;
        for (int i = 0; i < blocks.Length; i++)
        {
            blocks[i].PredecessorStart = start + total;
            total += counts[i];
        }

        _machine.Lists.Resize(start + total);
        for (int i = 0; i < blocks.Length; i++)
        {
            for (int e = 0; e < blocks[i].SuccessorCount; e++)
            {
                ref MachineBlock target = ref blocks[_machine.Edges[blocks[i].SuccessorStart + e].Target];
                _machine.Lists[target.PredecessorStart + target.PredecessorCount++] = i;
            }
        }
    }

    // ---- building instructions ----

    private MachineInst _inst;

    private void Begin(X64Op op, int size = 8, int condition = 0, long immediate = 0)
    {
        _inst = new MachineInst
        {
            Op = (ushort)op,
            Size = (byte)size,
            Condition = (byte)condition,
            Immediate = immediate,
            OperandStart = _machine.Operands.Count,
            BaseOperand = MachineInst.NoOperand,
            IndexOperand = MachineInst.NoOperand,
            SourceOffset = _source,
        };
    }

    private byte Add(in Operand operand)
    {
        _machine.Operands.Add(operand);
        return _inst.OperandCount++;
    }

    private void Use(int vreg) => Add(Operand.Use(vreg));

    /// <summary>A use that the instruction can also read from a spill slot.</summary>
    private void UseAny(int vreg) => Add(Operand.Use(vreg, OperandConstraint.Any));

    private void End()
    {
        uint scratch = X64Scratch.Of(_inst, _features);
        if (scratch != 0)
        {
            SetClobbers(_machine.ClobberSets[_inst.ClobberSet] | scratch);
        }

        _machine.Insts.Add(_inst);
    }

    private void SetClobbers(uint mask)
    {
        for (int i = 0; i < _machine.ClobberSets.Count; i++)
        {
            if (_machine.ClobberSets[i] == mask)
            {
                _inst.ClobberSet = (ushort)i;
                return;
            }
        }

        _inst.ClobberSet = (ushort)_machine.ClobberSets.Add(mask);
    }

    private int NewVreg(RegisterClass registerClass) => _machine.Classes.Add(registerClass);

    private static bool IsFloat(SsaType type) => type is SsaType.F32 or SsaType.F64;

    private static int SizeOf(SsaType type) => type switch
    {
        SsaType.I32 or SsaType.F32 => 4,
        SsaType.V128 => 16,
        _ => 8,
    };

    private static RegisterClass ClassOf(SsaType type) => type switch
    {
        SsaType.F32 or SsaType.F64 => RegisterClass.Float,
        SsaType.V128 => RegisterClass.Vector,
        _ => RegisterClass.Integer,
    };

    /// <summary>The virtual register that a value's definition fills.</summary>
    private int VregOf(int value)
    {
        if (_vregs[value] == None)
        {
            _vregs[value] = NewVreg(ClassOf(_ssa.Insts[value].Type));
        }

        return _vregs[value];
    }

    /// <summary>A virtual register that holds a value; a constant is made here, next to its use, so before <see cref="Begin"/>.</summary>
    private int Value(int value)
    {
        ref Inst inst = ref _ssa.Insts[value];
        if (inst.Op == Op.ZeroExtend)
        {
            return Value(inst.A);   // an i32 is zero-extended already
        }

        if (inst.Op == Op.ConstVector)
        {
            return VectorConstant(_ssa.Vectors[inst.A]);
        }

        if (inst.Op != Op.Const)
        {
            return VregOf(value);
        }

        int vreg = NewVreg(ClassOf(inst.Type));
        long bits = ConstantOf(value);
        if (!IsFloat(inst.Type))
        {
            Begin(X64Op.LoadImmediate, SizeOf(inst.Type), 0, bits);
        }
        else if (bits == 0)
        {
            Begin(X64Op.LoadZeroFloat);
        }
        else
        {
            Begin(X64Op.LoadConstant, SizeOf(inst.Type), 0, Constant((ulong)bits));
        }

        _inst.Flags = MachineInstFlags.Rematerializable;
        Add(Operand.Def(vreg));
        End();
        return vreg;
    }

    private int Constant(UInt128 bits)
    {
        if (!_constants.TryGetValue(bits, out int index))
        {
            index = _machine.Constants.Add(bits);
            _constants.Add(bits, index);
        }

        return index;
    }

    private long ConstantOf(int value)
    {
        ref Inst inst = ref _ssa.Insts[value];
        long bits = (uint)inst.A | ((long)inst.B << 32);
        return inst.Type is SsaType.I32 or SsaType.F32 ? (uint)inst.A : bits;
    }

    /// <summary>Whether a value is an integer constant that fits a sign-extended 32-bit immediate of an operation of its size.</summary>
    private bool TryImmediate(int value, out int immediate)
    {
        ref Inst inst = ref _ssa.Insts[value];
        immediate = 0;
        if (inst.Op != Op.Const || IsFloat(inst.Type))
        {
            return false;
        }

        long bits = inst.Type == SsaType.I32 ? inst.A : ConstantOf(value);
        immediate = (int)bits;
        return bits == (int)bits;
    }
}
