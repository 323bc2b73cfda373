using Wisp.Compiler.Ir;
using Wisp.Compiler.Machine;

namespace Wisp.Compiler.X64;

// Which values get no instruction of their own, because their only user takes them in:
//
//   a comparison            into the branch, trap or select that asks for it
//   a load                  into arithmetic or a comparison, as its memory operand
//   additions and shifts    into an address or a lea
//   and                     into a comparison with zero, as test
//   load, operation         into the store to the same place
//   a lane taken out        into the store of that lane
//   any_true, all_true      into the branch that asks for it
//
// 1. A folded value has one use, in its own block. It is made where that user is made: _at.
// 2. A load moves down to its user only over what cannot change it, and one that can trap over no other effect and no other trap.
// 3. A block is looked at from its end, so a user is decided before what it uses.
internal sealed partial class X64Selector
{
    private const int FarthestMove = 24;   // instructions that a load may move over; keeps the work linear

    private void MarkFolds(in Block b)
    {
        for (int i = b.End - 1; i >= b.First; i--)
        {
            ref Inst inst = ref _ssa.Insts[i];
            if (inst.Op is Op.Nop or Op.Param or Op.CallResult or Op.Const)
            {
                continue;
            }

            if (_useCounts[i] == 0 && OpShape.IsRemovable(inst))
            {
                CountUses(i, -1);
                continue;
            }

            MarkOperands(i, ref inst, _fused[i] ? _at[i] : i);
        }
    }

    private void MarkOperands(int i, ref Inst inst, int at)
    {
        switch (inst.Op)
        {
            case Op.Branch or Op.TrapIf or Op.TrapUnless or Op.Select:
                FoldCondition(inst.A, at, allowFloat: inst.Op != Op.Select);
                break;
            case Op.IsZero:
                FoldZeroTest(inst.A, at);
                break;
            case Op.Compare:
                FoldComparison(inst, at);
                break;
            case Op.FCompare:
                FoldLoad((FloatCondition)inst.Flags is FloatCondition.Less or FloatCondition.LessOrEqual ? inst.A : inst.B, at);
                break;
            case Op.Add when !_fused[i]:
                if (!FoldOperand(inst, at, commutes: true))
                {
                    FoldSum(i, 0, at, isRoot: true);
                }

                break;
            case Op.Mul or Op.And or Op.Or or Op.Xor or Op.FAdd or Op.FMul when !_fused[i]:
                FoldOperand(inst, at, commutes: true);
                break;
            case Op.Sub or Op.FSub or Op.FDiv when !_fused[i]:
                FoldOperand(inst, at, commutes: false);
                break;
            case Op.Store or Op.StoreAt or Op.StoreContext:
                FoldUpdate(i, inst);
                FoldLane(i, inst);
                if (inst.Op == Op.StoreAt)
                {
                    FoldSum(inst.A, inst.C, at, isRoot: false);
                }

                break;
            case Op.LoadAt:
                FoldSum(inst.A, inst.C, at, isRoot: false);
                break;
            case Op.VectorUnary or Op.VectorBinary when !_fused[i] || IsVectorTest(inst):
                FoldVectorOperands(inst, at);
                break;
            default:
                break;
        }
    }

    private bool HasOneUserHere(int value, int at) => value >= _blockFirst && value < at && _useCounts[value] == 1 && !_fused[value];

    private void Fold(int value, int at)
    {
        _fused[value] = true;
        _at[value] = at;
    }

    private static bool IsComparison(Op op) => op is Op.Compare or Op.IsZero or Op.FCompare;

    private void FoldCondition(int condition, int at, bool allowFloat)
    {
        while (HasOneUserHere(condition, at) && IsComparison(_ssa.Insts[condition].Op))
        {
            Op op = _ssa.Insts[condition].Op;
            if (op == Op.FCompare && !allowFloat)
            {
                return;
            }

            Fold(condition, at);
            if (op != Op.IsZero)
            {
                return;
            }

            condition = _ssa.Insts[condition].A;
        }

        if (_ssa.Insts[at].Op == Op.Branch && IsVectorTest(_ssa.Insts[condition]) && HasOneUserHere(condition, at))
        {
            Fold(condition, at);
            return;
        }

        FoldZeroTest(condition, at);
    }

    private void FoldZeroTest(int value, int at)
    {
        if (!HasOneUserHere(value, at))
        {
            return;
        }

        ref Inst inst = ref _ssa.Insts[value];
        if (inst.Op != Op.And)
        {
            FoldNarrowLoad(value, 0, at);
            return;
        }

        Fold(value, at);
        if (TryImmediate(inst.B, out int mask))
        {
            FoldNarrowLoad(inst.A, mask, at);
        }
        else if (_ssa.Insts[inst.A].Op != Op.Const)
        {
            FoldLoad(inst.B, at);
        }
    }

    private void FoldComparison(in Inst inst, int at)
    {
        bool isImmediate = TryImmediate(inst.B, out int immediate);
        if (isImmediate && immediate == 0 && (IntCondition)inst.Flags <= IntCondition.NotEqual)
        {
            FoldZeroTest(inst.A, at);
        }
        else if (isImmediate)
        {
            FoldNarrowLoad(inst.A, immediate, at);
        }
        else if (!FoldLoad(inst.B, at))
        {
            FoldLoad(inst.A, at);
        }
    }

    // A byte compared with a constant that a byte holds, or a whole value with an immediate.
    private void FoldNarrowLoad(int value, int immediate, int at)
    {
        if (!HasOneUserHere(value, at))
        {
            return;
        }

        bool fits = (MemoryAccess)_ssa.Insts[value].Flags switch
        {
            MemoryAccess.U8 => immediate is >= 0 and <= byte.MaxValue,
            MemoryAccess.S8 => immediate is >= sbyte.MinValue and <= sbyte.MaxValue,
            MemoryAccess.Full => true,
            _ => false,
        };
        if (fits && CanFoldLoad(value, at))
        {
            Fold(value, at);
        }
    }

    private bool FoldOperand(in Inst inst, int at, bool commutes)
    {
        if (!IsFloat(inst.Type) && (_ssa.Insts[inst.B].Op == Op.Const || (commutes && _ssa.Insts[inst.A].Op == Op.Const)))
        {
            return false;
        }

        return FoldLoad(inst.B, at) || (commutes && FoldLoad(inst.A, at));
    }

    private bool FoldLoad(int value, int at)
    {
        if (HasOneUserHere(value, at) && (MemoryAccess)_ssa.Insts[value].Flags == MemoryAccess.Full && CanFoldLoad(value, at))
        {
            Fold(value, at);
            return true;
        }

        return false;
    }

    private static bool IsLoad(Op op) => op is Op.Load or Op.LoadAt or Op.LoadContext;

    private bool CanFoldLoad(int load, int at)
    {
        ref Inst inst = ref _ssa.Insts[load];
        if (!IsLoad(inst.Op) || at - load > FarthestMove)
        {
            return false;
        }

        bool canTrap = OpShape.CanTrap(inst);
        if (canTrap && _ssa.Insts[at].Op is Op.TrapIf or Op.TrapUnless)
        {
            return false;   // an instruction has one trap code
        }

        for (int i = load + 1; i < at; i++)
        {
            ref Inst between = ref _ssa.Insts[i];
            switch (between.Op)
            {
                case Op.Store or Op.StoreAt or Op.StoreContext:
                    if (canTrap || between.D == inst.D)
                    {
                        return false;
                    }

                    break;
                case Op.Load or Op.LoadAt:
                    if (canTrap && OpShape.CanTrap(between))
                    {
                        return false;
                    }

                    break;
                case Op.DivS or Op.DivU or Op.RemS or Op.RemU or Op.TruncS or Op.TruncU or Op.TrapIf or Op.TrapUnless:
                    if (canTrap)
                    {
                        return false;
                    }

                    break;
                case Op.LoadContext:
                    break;
                case (>= Op.Nop and <= Op.FCompare) or (>= Op.FDemote and <= Op.Select) or Op.ContextAddress
                    or (>= Op.VectorUnary and <= Op.VectorTernary):
                    break;
                default:
                    return false;
            }
        }

        return true;
    }

    /// <summary>Takes the additions and the shift below a sum or an address into it; SumAddress reads the same shape again.</summary>
    private void FoldSum(int value, int displacement, int at, bool isRoot)
    {
        bool isOpen = isRoot;
        while (isOpen || (HasOneUserHere(value, at) && _ssa.Insts[value].Op == Op.Add))
        {
            if (!isOpen)
            {
                Fold(value, at);
            }

            isOpen = false;
            (int x, int y) = SumParts(value);
            if (TryImmediate(y, out int immediate) && (long)displacement + immediate is >= int.MinValue and <= int.MaxValue)
            {
                displacement += immediate;
                value = x;
                continue;
            }

            if (IsScale(y) && HasOneUserHere(y, at))
            {
                Fold(y, at);
            }
            else if (IsScale(x) && HasOneUserHere(x, at))
            {
                Fold(x, at);
            }

            return;
        }
    }

    private (int X, int Y) SumParts(int sum)
    {
        ref Inst inst = ref _ssa.Insts[sum];
        return _ssa.Insts[inst.A].Op == Op.Const ? (inst.B, inst.A) : (inst.A, inst.B);
    }

    private bool IsScale(int value)
    {
        ref Inst inst = ref _ssa.Insts[value];
        return inst.Op == Op.Shl && _ssa.Insts[inst.B].Op == Op.Const && ConstantOf(inst.B) is >= 1 and <= 3;
    }

    // store(p, load(p) op x), where nothing happens between the load and the store.
    private void FoldUpdate(int store, in Inst inst)
    {
        int value = inst.B;
        if (!HasOneUserHere(value, store) || ClassOf(_ssa.Insts[value].Type) != RegisterClass.Integer)
        {
            return;
        }

        ref Inst operation = ref _ssa.Insts[value];
        if (operation.Op is not (Op.Add or Op.Sub or Op.And or Op.Or or Op.Xor))
        {
            return;
        }

        bool commutes = operation.Op != Op.Sub;
        if (IsSamePlace(operation.A, store, inst) || (commutes && IsSamePlace(operation.B, store, inst)))
        {
            Fold(value, store);
            Fold(IsSamePlace(operation.A, store, inst) ? operation.A : operation.B, store);
        }
    }

    private bool IsSamePlace(int load, int store, in Inst inst)
    {
        if (!HasOneUserHere(load, store))
        {
            return false;
        }

        ref Inst other = ref _ssa.Insts[load];
        var read = (MemoryAccess)other.Flags;
        var written = (MemoryAccess)inst.Flags;
        bool sameWidth = (read == MemoryAccess.Full && written == MemoryAccess.Full)
            || (read is MemoryAccess.U8 or MemoryAccess.S8 && written is MemoryAccess.U8 or MemoryAccess.S8);
        return sameWidth && other.Op == LoadFor(inst.Op) && other.A == inst.A && other.C == inst.C
            && other.D == inst.D && CanFoldLoad(load, store);
    }

    private static Op LoadFor(Op store) => store switch
    {
        Op.Store => Op.Load,
        Op.StoreAt => Op.LoadAt,
        _ => Op.LoadContext,
    };
}
