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
            case Op.Load:
                EmitLoad(i, inst, SlotAddress(inst.A, (uint)inst.C), TrapCode.MemoryOutOfBounds);
                break;
            case Op.Store:
                EmitStore(inst, SlotAddress(inst.A, (uint)inst.C), TrapCode.MemoryOutOfBounds);
                break;
            case Op.LoadAt:
                EmitLoad(i, inst, NativeAddress(inst.A, inst.C), TrapOf(inst));
                break;
            case Op.StoreAt:
                EmitStore(inst, NativeAddress(inst.A, inst.C), TrapOf(inst));
                break;
            case Op.LoadContext:
                EmitLoad(i, inst, new SelectedAddress(Context, None, inst.C), TrapCode.None);
                break;
            case Op.StoreContext:
                EmitStore(inst, new SelectedAddress(Context, None, inst.C), TrapCode.None);
                break;
            case Op.ContextAddress:
                Begin(X64Op.ContextAddress);
                _inst.Displacement = inst.C;
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
        new AliasRegion(inst.D).Kind == 1 ? TrapCode.MemoryOutOfBounds : TrapCode.None;

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

    private SelectedAddress NativeAddress(int address, int displacement) => new(Value(address), None, displacement);

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

    private void EmitLoad(int i, in Inst inst, in SelectedAddress address, TrapCode trap)
    {
        Begin(IsFloat(inst.Type) ? X64Op.LoadFloat : X64Op.Load, SizeOf(inst.Type), 0, inst.Flags);
        _inst.TrapCode = (byte)trap;
        AddAddress(address);
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
        if (TryImmediate(inst.B, out int immediate))
        {
            Begin(X64Op.StoreImmediate, size, 0, immediate);
            _inst.TrapCode = (byte)trap;
            AddAddress(address);
            End();
            return;
        }

        int value = Value(inst.B);
        Begin(IsFloat(type) ? X64Op.StoreFloat : X64Op.Store, size);
        _inst.TrapCode = (byte)trap;
        Use(value);
        AddAddress(address);
        End();
    }

    private void SelectTrap(in Inst inst)
    {
        Test test = TestOf(inst.A);
        int condition = test.Condition;
        if (test.IsFloat)
        {
            int a = Value(test.Left);
            int b = Value(test.Right);
            Begin(X64Op.FloatCompareTrap, test.Size, condition, test.IsInverted ^ (inst.Op == Op.TrapUnless) ? 1 : 0);
            _inst.TrapCode = (byte)inst.C;
            Use(a);
            Use(b);
            End();
            return;
        }

        if (inst.Op == Op.TrapUnless)
        {
            condition ^= 1;
        }

        EmitCompare(test, condition, X64Op.CompareTrap, X64Op.CompareTrapImmediate, default, (TrapCode)inst.C);
    }

    private void EmitCompare(
        in Test test, int condition, X64Op registers, X64Op immediates, MachineInstFlags flags, TrapCode trap)
    {
        int left = Value(test.Left);
        int immediate = 0;
        bool isImmediate = test.Right == None || TryImmediate(test.Right, out immediate);
        int right = isImmediate ? None : Value(test.Right);
        Begin(isImmediate ? immediates : registers, test.Size, condition, immediate);
        _inst.Flags = flags;
        _inst.TrapCode = (byte)trap;
        if (isImmediate)
        {
            UseAny(left);
        }
        else
        {
            Use(left);
            UseAny(right);
        }

        End();
    }
}
