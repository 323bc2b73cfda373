using System.Numerics;
using Wisp.Abi;
using Wisp.Compiler.Machine;

namespace Wisp.Compiler.Allocation;

// Copies, wherever a value continues in another place. They are collected in any order and sorted by place in the code:
//
//   before instruction i    0  copies of the only edge into the block, if i begins it
//                           1  parts of a split value that begin here; out of the fixed registers of i - 1; into fixed and
//                              tied registers of i
//                           2  copies of the only edge out of the block, if i ends it
//
// The copies of one group are one parallel move.
internal sealed partial class BundleAllocator
{
    private const int AtBlockStart = 0;
    private const int AtInstruction = 1;
    private const int AtBlockEnd = 2;

    private readonly GrowableArray<PendingMove> _moves = new();
    private readonly GrowableArray<ulong> _moveKeys = new();
    private int[] _filledSlot = [];
    private int _movesOfValue;
    private int _scratchFrom;
    private int _scratchTo;

    private void WriteMoves()
    {
        _moves.Clear();
        int vregs = _function.Classes.Count;
        if (_filledSlot.Length < vregs)
        {
            _filledSlot = new int[Math.Max(vregs, _filledSlot.Length * 2)];
        }

        for (int vreg = 0; vreg < vregs; vreg++)
        {
            _filledSlot[vreg] = None;
            ConnectPieces(vreg);
        }

        PassArguments();
        foreach (int position in _fixedOrTied.Span)
        {
            CopyFixedAndTied(2 * position);
        }

        SequenceMoves();
    }

    private void ConnectPieces(int vreg)
    {
        int pieces = _bucketStart[(2 * vreg) + 2] - _bucketStart[2 * vreg];
        if (pieces == 0 || (pieces == 1 && _definitionRegister[vreg] == NoRegister))
        {
            return;
        }

        _movesOfValue = _moves.Count;
        foreach (ulong piece in _pieces.Span.Slice(_bucketStart[2 * vreg], pieces))
        {
            LiveRange range = _ranges[(int)(uint)piece];
            Location place = PlaceOfRange(range);
            if (place == Location.None)
            {
                continue;
            }

            StartPiece(range, place);
            if (pieces > 1)
            {
                EnterBlocks(range, place);
            }
        }

        StoreOnce(vreg);
    }

    private void StartPiece(in LiveRange range, Location place)
    {
        if (range.From == _definitionPoint[range.Vreg])
        {
            if (_definitionRegister[range.Vreg] != NoRegister)
            {
                Location given = Location.Of((MachineRegister)_definitionRegister[range.Vreg]);
                AddMoveAt(range.From, given, place, range.Vreg);
            }
        }
        else if (range.From != StartOf(BlockAt(range.From)))
        {
            Location source = SourceAt(range.Vreg, range.From - 1, place);
            AddMoveAt(range.From, source, place, range.Vreg);
        }
    }

    /// <summary>Connects a piece, at each block start within it, with the places of its value at the ends of the predecessors.</summary>
    private void EnterBlocks(in LiveRange range, Location place)
    {
        int block = BlockAt(range.From);
        if (StartOf(block) < range.From)
        {
            block++;
        }

        for (; block < _function.Blocks.Count && StartOf(block) < range.To; block++)
        {
            ref MachineBlock target = ref _function.Blocks[block];
            if (StartOf(block) == _definitionPoint[range.Vreg])
            {
                continue;   // a parameter
            }

            foreach (int predecessor in _function.Lists.Span.Slice(target.PredecessorStart, target.PredecessorCount))
            {
                int end = EndOf(predecessor) - 1;
                _work++;
                if (range.From <= end && end < range.To)
                {
                    continue;   // the same piece goes on
                }

                Location source = SourceAt(range.Vreg, end, place);
                AddEdgeMove(predecessor, block, source, place, range.Vreg, range.Vreg);
            }
        }
    }

    private void AddEdgeMove(int source, int target, Location from, Location to, int vreg, int vregBehind)
    {
        if (_function.Blocks[source].SuccessorCount == 1)
        {
            AddMove(source, _function.Blocks[source].End - 1, AtBlockEnd, from, to, vreg, vreg);
        }
        else
        {
            AddMove(target, _function.Blocks[target].First, AtBlockStart, from, to, vreg, vregBehind);
        }
    }

    /// <summary>
    /// A place that holds a value at a point: the wanted one if it does, else a register, else the slot; None for a constant
    /// that has to be made again.
    /// </summary>
    private Location SourceAt(int vreg, int point, Location wanted)
    {
        _work++;
        int spilled = Find((2 * vreg) + 1, point);
        Location spill = spilled == None ? Location.None : PlaceOfRange(_ranges[spilled]);
        if (spill == wanted || (_filledSlot[vreg] != None && wanted == Location.Slot(_filledSlot[vreg])))
        {
            return wanted;
        }

        int range = Find(2 * vreg, point);
        if (range != None)
        {
            return PlaceOfRange(_ranges[range]);
        }

        if (spilled != None)
        {
            return spill;
        }

        return _definitionRegister[vreg] != NoRegister && point == _definitionPoint[vreg] - 1
            ? Location.Of((MachineRegister)_definitionRegister[vreg])
            : throw Lost(vreg, point);
    }

    /// <summary>A value never changes, so one store behind its definition can replace all others: where it runs less often.</summary>
    private void StoreOnce(int vreg)
    {
        float stores = 0;
        int slot = None;
        foreach (ref readonly PendingMove move in _moves.Span[_movesOfValue..])
        {
            if (move.To.IsSlot)
            {
                stores += _frequency[move.Block];
                slot = move.To.SlotNumber;
            }
        }

        if (slot == None)
        {
            return;
        }

        bool isFixed = _definitionRegister[vreg] != NoRegister;
        int point = isFixed ? _definitionPoint[vreg] : (_definitionPoint[vreg] | 1) + 1;
        Location target = Location.Slot(slot);
        Location place = isFixed ? Location.Of((MachineRegister)_definitionRegister[vreg]) : SourceAt(vreg, point - 1, target);
        if (place != target && _frequency[BlockAt(point)] > stores)
        {
            return;
        }

        DropStores();
        AddMoveAt(point, place, target, vreg);
        _filledSlot[vreg] = slot;
    }

    private void DropStores()
    {
        int kept = _movesOfValue;
        for (int i = _movesOfValue; i < _moves.Count; i++)
        {
            if (!_moves[i].To.IsSlot)
            {
                _moves[kept++] = _moves[i];
            }
        }

        _moves.Resize(kept);
    }

    private void PassArguments()
    {
        for (int b = 0; b < _function.Blocks.Count; b++)
        {
            MachineBlock block = _function.Blocks[b];
            for (int e = 0; e < block.SuccessorCount; e++)
            {
                MachineEdge edge = _function.Edges[block.SuccessorStart + e];
                MachineBlock target = _function.Blocks[edge.Target];
                for (int i = 0; i < edge.ArgCount; i++)
                {
                    int argument = _function.Lists[edge.ArgStart + i];
                    int parameter = _function.Lists[target.ParamStart + i];
                    PassArgument(b, edge.Target, argument, parameter);
                }
            }
        }
    }

    private void PassArgument(int source, int target, int argument, int parameter)
    {
        int start = StartOf(target);
        int end = EndOf(source) - 1;
        for (int bucket = 2 * parameter; bucket <= (2 * parameter) + 1; bucket++)
        {
            int range = Find(bucket, start);
            Location place = range == None ? Location.None : PlaceOfRange(_ranges[range]);
            if (place != Location.None)
            {
                AddEdgeMove(source, target, SourceAt(argument, end, place), place, argument, parameter);
            }
        }
    }

    private void CopyFixedAndTied(int point)
    {
        ref MachineInst inst = ref _function.Insts[InstAt(point)];
        ReadOnlySpan<Operand> operands = _function.OperandsOf(inst);
        for (int k = 0; k < operands.Length; k++)
        {
            bool copied = operands[k].Constraint == OperandConstraint.Fixed || IsTiedInput(operands, k);
            if (!operands[k].IsDef && copied)
            {
                Location place = _allocation.Locations[inst.OperandStart + k];
                Location source = SourceAt(operands[k].Vreg, point - 1, place);
                AddMoveAt(point, source, place, operands[k].Vreg);
            }
        }
    }

    private void AddMoveAt(int point, Location from, Location to, int vreg) =>
        AddMove(BlockAt(point), InstAt(point), AtInstruction, from, to, vreg, vreg);

    private void AddMove(int block, int inst, int group, Location from, Location to, int vreg, int vregBehind)
    {
        if (from != to)
        {
            _moves.Add(new PendingMove
            {
                Block = block,
                Inst = inst,
                Group = group,
                From = from,
                To = to,
                Vreg = vreg,
                VregBehind = vregBehind,
            });
        }
    }

    private void SequenceMoves()
    {
        _moveKeys.Clear();
        for (int i = 0; i < _moves.Count; i++)
        {
            _moveKeys.Add(((((ulong)(uint)_moves[i].Inst << 2) | (uint)_moves[i].Group) << 30) | (uint)i);
        }

        _moveKeys.Span.Sort();
        for (int i = 0; i < _moveKeys.Count;)
        {
            ulong group = _moveKeys[i] >> 30;
            int inst = (int)(group >> 2);
            PlaceScratch(_moves[(int)(_moveKeys[i] & ((1 << 30) - 1))]);
            for (; i < _moveKeys.Count && _moveKeys[i] >> 30 == group; i++)
            {
                PendingMove move = _moves[(int)(_moveKeys[i] & ((1 << 30) - 1))];
                if (move.From == Location.None)
                {
                    _parallelMoves.AddConstant(_constantInst[move.Vreg], move.To, _function.Classes[move.Vreg], move.Vreg);
                }
                else
                {
                    _parallelMoves.Add(move.From, move.To, _function.Classes[move.Vreg], move.VregBehind);
                }
            }

            _parallelMoves.Resolve(inst, _allocation.Edits, this);
        }
    }

    private void PlaceScratch(in PendingMove move)
    {
        // A block's start; or an instruction, after what is written behind the one before; and before a jump what lives on, too.
        _scratchFrom = move.Group == AtBlockStart ? StartOf(move.Block) : 2 * (move.Inst + move.Block + 1);
        _scratchTo = _scratchFrom + (move.Group == AtBlockEnd ? 2 : 1);
    }

    /// <inheritdoc/>
    public uint FreeRegisters(RegisterClass registerClass)
    {
        uint free = RegistersOf(registerClass) & (~_function.CalleeSavedRegisters | _allocation.UsedCalleeSaved);
        free &= ~_reservations.Find(_scratchFrom, _scratchTo, None, free);
        for (uint rest = free; rest != 0; rest &= rest - 1)
        {
            int register = BitOperations.TrailingZeroCount(rest);
            free &= _occupancy[register].IsFree(_scratchFrom, _scratchTo) ? uint.MaxValue : ~(1u << register);
        }

        return free;
    }

    private struct PendingMove
    {
        public int Block;
        public int Inst;
        public int Group;
        public Location From;
        public Location To;
        public int Vreg;
        public int VregBehind;   // the parameter, for a copy behind an edge
    }
}
