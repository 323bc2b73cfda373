using Wisp.Abi;
using Wisp.Compiler.Ir;
using Wisp.Compiler.Machine;

namespace Wisp.Compiler.X64;

// Loads, stores, explicit traps and everything else with an effect but calls.
internal sealed partial class X64Selector
{
    /// <summary>An address ready to be put into an instruction: virtual registers, or ContextBase.</summary>
    private readonly record struct SelectedAddress(int Base, int Index, int Displacement, int Scale = 0);

    private const int Context = -2;

    private void SelectEffect(int i, in Inst inst)
    {
        switch (inst.Op)
        {
            case Op.LoadContext when inst.D == AliasRegion.ReadOnly.Bits && !IsFloat(inst.Type):
                Begin(X64Op.LoadReadOnly, SizeOf(inst.Type));
                _inst.Displacement = inst.C;
                _inst.Flags = MachineInstFlags.Rematerializable;
                Define(i);
                break;
            case Op.Load or Op.LoadAt or Op.LoadContext:
                EmitLoad(i, inst);
                break;
            case Op.Store:
                EmitStore(inst, AddressOf(inst), TrapCode.MemoryOutOfBounds);
                break;
            case Op.StoreAt:
                EmitStore(inst, AddressOf(inst), TrapOf(inst));
                break;
            case Op.StoreContext:
                EmitStore(inst, AddressOf(inst), TrapCode.None);
                break;
            case Op.ContextAddress:
                Begin(X64Op.ContextAddress);
                _inst.Displacement = inst.C;
                _inst.Flags = MachineInstFlags.Rematerializable;
                Define(i);
                break;
            case Op.TrapIf or Op.TrapUnless:
                SelectTrap(inst);
                break;
            case Op.StackCheck:
                Begin(X64Op.StackCheck);
                End();
                break;
            case Op.MemoryBarrier:
                Begin(X64Op.Fence);
                End();
                break;
            case Op.Call or Op.CallImport or Op.CallRef or Op.CallBuiltin:
                SelectCall(i, inst);
                break;
            default:
                throw new InvalidOperationException($"no selection for {inst.Op}");
        }
    }

    // An access to native memory faults only where it is guest memory behind a guard: then it is out of bounds.
    private static TrapCode TrapOf(in Inst inst) =>
        new AliasRegion(inst.D).IsLinearMemory ? TrapCode.MemoryOutOfBounds : TrapCode.None;

    private SelectedAddress SlotAddress(int address, uint offset)
    {
        if (_ssa.Insts[address].Op == Op.Const && ConstantOf(address) + offset <= int.MaxValue)
        {
            return new SelectedAddress(Context, None, (int)(ConstantOf(address) + offset));
        }

        int index = Value(address);
        if (offset <= int.MaxValue)
        {
            return new SelectedAddress(Context, index, (int)offset);
        }

        int large = NewVreg(RegisterClass.Integer);
        Begin(X64Op.LoadImmediate, 8, 0, offset);
        Add(Operand.Def(large));
        End();
        int sum = NewVreg(RegisterClass.Integer);
        Begin(X64Op.Alu, 8, (int)AluKind.Add);
        Use(large);
        Use(index);
        Add(Operand.DefSameAs(sum, 0));
        End();
        return new SelectedAddress(Context, sum, 0);
    }

    private SelectedAddress AddressOf(in Inst access) => access.Op switch
    {
        Op.Load or Op.Store => SlotAddress(access.A, (uint)access.C),
        Op.LoadAt or Op.StoreAt => SumAddress(access.A, access.C, isRoot: false),
        _ => new SelectedAddress(Context, None, access.C),
    };

    private SelectedAddress AddressOfLoad(int load) => AddressOf(_ssa.Insts[load]);

    /// <summary>Adds the address of a load that the instruction being built does itself.</summary>
    private void AddLoad(int load, in SelectedAddress address)
    {
        if (OpShape.CanTrap(_ssa.Insts[load]))
        {
            _inst.TrapCode = (byte)TrapCode.MemoryOutOfBounds;
            _inst.SourceOffset = _ssa.SourceOffsets[load];
        }

        AddAddress(address);
    }

    // What FoldSum folded, read again.
    private SelectedAddress SumAddress(int value, int displacement, bool isRoot)
    {
        while (isRoot || (_fused[value] && _ssa.Insts[value].Op == Op.Add))
        {
            isRoot = false;
            (int x, int y) = SumParts(value);
            if (TryImmediate(y, out int immediate) && (long)displacement + immediate is >= int.MinValue and <= int.MaxValue)
            {
                displacement += immediate;
                value = x;
                continue;
            }

            if (_fused[x] && IsScale(x))
            {
                (x, y) = (y, x);
            }

            int scale = 0;
            if (_fused[y] && IsScale(y))
            {
                scale = (int)ConstantOf(_ssa.Insts[y].B);
                y = _ssa.Insts[y].A;
            }

            return new SelectedAddress(Value(x), Value(y), displacement, scale);
        }

        return new SelectedAddress(Value(value), None, displacement);
    }

    private void AddAddress(in SelectedAddress address)
    {
        _inst.Displacement = address.Displacement;
        _inst.Scale = (byte)address.Scale;
        _inst.BaseOperand = address.Base == Context ? MachineInst.ContextBase : Add(Operand.Use(address.Base));
        if (address.Index != None)
        {
            _inst.IndexOperand = Add(Operand.Use(address.Index));
        }
    }

    private void EmitLoad(int i, in Inst inst)
    {
        SelectedAddress address = AddressOf(inst);
        if (inst.Type == SsaType.V128)
        {
            EmitVectorLoad(i, inst, address);
            return;
        }

        Begin(IsFloat(inst.Type) ? X64Op.LoadFloat : X64Op.Load, SizeOf(inst.Type), 0, inst.Flags);
        AddLoad(i, address);
        Define(i);
    }

    private void EmitStore(in Inst inst, in SelectedAddress address, TrapCode trap)
    {
        SsaType type = _ssa.Insts[inst.B].Type;
        int size = (MemoryAccess)inst.Flags switch
        {
            MemoryAccess.U8 or MemoryAccess.S8 => 1,
            MemoryAccess.U16 or MemoryAccess.S16 => 2,
            MemoryAccess.U32 or MemoryAccess.S32 => 4,
            _ => SizeOf(type),
        };
        if (_fused[inst.B])
        {
            if (_ssa.Insts[inst.B].Op == Op.VectorUnary)
            {
                EmitLaneStore(_ssa.Insts[inst.B], address, trap);
            }
            else
            {
                EmitUpdate(inst, address, size);
            }

            return;
        }

        if (TryStoredImmediate(inst.B, out int immediate))
        {
            Begin(X64Op.StoreImmediate, size, 0, immediate);
            _inst.TrapCode = (byte)trap;
            AddAddress(address);
            End();
            return;
        }

        int value = Value(inst.B);
        if (type == SsaType.V128)
        {
            BeginVector(X64VectorOp.MovupsStore);
        }
        else
        {
            Begin(IsFloat(type) ? X64Op.StoreFloat : X64Op.Store, size);
        }

        _inst.TrapCode = (byte)trap;
        Use(value);
        AddAddress(address);
        End();
    }

    private bool TryStoredImmediate(int value, out int immediate)
    {
        ref Inst inst = ref _ssa.Insts[value];
        if (inst.Op == Op.Const && IsFloat(inst.Type))
        {
            long bits = inst.Type == SsaType.F32 ? inst.A : ConstantOf(value);
            immediate = (int)bits;
            return bits == immediate;
        }

        return TryImmediate(value, out immediate);
    }

    private void EmitUpdate(in Inst store, in SelectedAddress address, int size)
    {
        Inst operation = _ssa.Insts[store.B];
        (int load, int other) = _fused[operation.A] ? (operation.A, operation.B) : (operation.B, operation.A);
        int kind = (int)(operation.Op switch
        {
            Op.Add => AluKind.Add,
            Op.Sub => AluKind.Sub,
            Op.And => AluKind.And,
            Op.Or => AluKind.Or,
            _ => AluKind.Xor,
        });
        if (TryImmediate(other, out int immediate))
        {
            Begin(X64Op.AluStoreImmediate, size, kind, size == 1 ? (sbyte)immediate : immediate);
        }
        else
        {
            int value = Value(other);
            Begin(X64Op.AluStore, size, kind);
            Use(value);
        }

        AddLoad(load, address);
        End();
    }
}
