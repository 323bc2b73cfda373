using System.Numerics;
using Wisp.Abi;
using Wisp.Compiler.Machine;

namespace Wisp.Compiler.Allocation;

// Each part of a split value asks for it on its own, so the same reload may be asked for twice, or while a copy is still there:
//
//     ; v1 rax -> slot0                     the store goes: nobody reads slot0 any more
//     ; v1 slot0 -> rcx                     ; v1 rax -> rcx
//     use v1?[slot0]          becomes       use v1?[rcx]
//     ; v1 slot0 -> rcx                     goes: rcx still holds v1
//     ; v2 slot1 -> rax
//     add v2[rax], v1?[slot0]               add v1[rax], v2?[slot1]         where rax held v1
//
// 1. A walk in code order knows which value each place holds. It knows nothing at a join, and at a branch's other target what
//    the registers held at the branch.
// 2. Values are in SSA form and every cycle goes through a join, so between two joins a value's name stands for one value.
// 3. A store is needed if its value, or a parameter that the value is passed to, is read from a slot under its name.

/// <summary>Drops moves to where the value already is, reads registers instead of slots, drops stores that nobody reads.</summary>
internal sealed class RedundantMoves
{
    private const int RegisterCount = 32;
    private const int Nothing = -1;

    private readonly int[] _registers = new int[RegisterCount];
    private readonly GrowableArray<int> _branchStates = new();   // runs of RegisterCount
    private readonly GrowableArray<int> _pending = new();
    private readonly GrowableArray<Argument> _arguments = new();
    private int[] _firstArgument = [];   // per virtual register: into _arguments
    private int[] _branchStateOf = [];
    private int[] _slots = [];
    private int[] _slotGenerations = [];
    private bool[] _readFromSlot = [];
    private int _generation;
    private int _lostToLastEdit;   // what the register that it writes held before
    private MachineFunction _function = null!;
    private Allocation _allocation = null!;

    /// <summary>Steps that the last clean-up took, one for each instruction, edit, edge and argument looked at.</summary>
    public long Work { get; private set; }

    /// <summary>Cleans up an allocation.</summary>
    public void Remove(MachineFunction function, Allocation allocation)
    {
        Work = 0;
        if (allocation.Edits.Count == 0)
        {
            return;
        }

        _function = function;
        _allocation = allocation;
        Prepare();
        FollowValues();
        if (allocation.SlotCount > 0)
        {
            DropUnreadStores();
        }
    }

    private void Prepare()
    {
        if (_slots.Length < _allocation.SlotCount)
        {
            _slots = new int[Math.Max(_allocation.SlotCount, _slots.Length * 2)];
            _slotGenerations = new int[_slots.Length];
            _generation = 0;
        }

        if (_branchStateOf.Length < _function.Blocks.Count)
        {
            _branchStateOf = new int[Math.Max(_function.Blocks.Count, _branchStateOf.Length * 2)];
        }

        if (_readFromSlot.Length < _function.Classes.Count)
        {
            _readFromSlot = new bool[Math.Max(_function.Classes.Count, _readFromSlot.Length * 2)];
        }

        Array.Clear(_readFromSlot, 0, _function.Classes.Count);
        _branchStates.Clear();
    }

    private void FollowValues()
    {
        Span<Edit> edits = _allocation.Edits.Span;
        Span<MachineBlock> blocks = _function.Blocks.Span;
        int next = 0;
        int kept = 0;
        for (int b = 0; b < blocks.Length; b++)
        {
            ref MachineBlock block = ref blocks[b];
            Enter(b, block);
            for (int i = block.First; i < block.End; i++)
            {
                for (; next < edits.Length && edits[next].Before == i; next++)
                {
                    Edit edit = edits[next];
                    int lost = edit.To.IsRegister ? _registers[edit.To.Bits] : Nothing;
                    if (Keeps(ref edit))
                    {
                        edits[kept++] = edit;
                        _lostToLastEdit = lost;
                    }
                }

                ref MachineInst inst = ref _function.Insts[i];
                if ((inst.Flags & MachineInstFlags.Commutative) != 0 && kept > 0 && edits[kept - 1].Before == i
                    && ReadsBothTheOtherWayRound(inst, edits[kept - 1]))
                {
                    kept--;
                }

                FollowInstruction(inst);
            }

            _branchStateOf[b] = block.SuccessorCount > 1 ? _branchStates.AddRange(_registers) : Nothing;
        }

        Work += _function.Insts.Count + edits.Length;
        _allocation.Edits.Resize(kept);
    }

    private void Enter(int number, in MachineBlock block)
    {
        int predecessor = block.PredecessorCount == 1 ? _function.Lists[block.PredecessorStart] : Nothing;
        if (predecessor != Nothing && predecessor == number - 1)
        {
            return;
        }

        _generation++;
        if (predecessor != Nothing && predecessor < number && _branchStateOf[predecessor] != Nothing)
        {
            _branchStates.Span.Slice(_branchStateOf[predecessor], RegisterCount).CopyTo(_registers);
        }
        else
        {
            _registers.AsSpan().Fill(Nothing);
        }
    }

    private bool Keeps(ref Edit edit)
    {
        if (Holds(edit.To, edit.Vreg))
        {
            return false;
        }

        if (edit.From.IsSlot)
        {
            int register = FindRegister(edit.Vreg, edit.Class);
            if (register != Nothing)
            {
                edit.From = Location.Of((MachineRegister)register);
            }
            else
            {
                _readFromSlot[edit.Vreg] = true;
            }
        }

        Set(edit.To, edit.Vreg);
        return true;
    }

    private void FollowInstruction(in MachineInst inst)
    {
        ReadOnlySpan<Operand> operands = _function.OperandsOf(inst);
        Span<Location> places = _allocation.Locations.Span.Slice(inst.OperandStart, inst.OperandCount);
        for (int k = 0; k < places.Length; k++)
        {
            if (operands[k].IsDef)
            {
                continue;
            }

            int vreg = operands[k].Vreg;
            if (places[k].IsRegister)
            {
                _registers[places[k].Bits] = vreg;
            }
            else
            {
                ReadRegister(operands, places, k, _function.ClobbersOf(inst) & MachineFunction.ScratchRegisters);
            }
        }

        for (uint lost = _function.ClobbersOf(inst); lost != 0; lost &= lost - 1)
        {
            _registers[BitOperations.TrailingZeroCount(lost)] = Nothing;
        }

        for (int k = 0; k < places.Length; k++)
        {
            if (operands[k].IsDef && places[k] != Location.None)
            {
                Set(places[k], operands[k].Vreg);
            }
        }
    }

    /// <summary>Lets an operand that is in a slot read a register, if one holds its value until all is read.</summary>
    private void ReadRegister(ReadOnlySpan<Operand> operands, Span<Location> places, int index, uint usedUp)
    {
        int vreg = operands[index].Vreg;
        int register = operands[index].Position == OperandPosition.Early ? FindRegister(vreg, _function.Classes[vreg]) : Nothing;
        for (int k = 0; k < places.Length && register != Nothing; k++)
        {
            bool written = operands[k].IsDef && places[k].IsRegister && places[k].Bits == register
                && (operands[k].Constraint == OperandConstraint.SameAsInput || operands[k].Position == OperandPosition.Early);
            register = written ? Nothing : register;
        }

        if (register != Nothing && (usedUp >> register & 1) == 0)
        {
            places[index] = Location.Of((MachineRegister)register);
        }
        else
        {
            _readFromSlot[vreg] = true;
        }
    }

    /// <summary>
    /// An operand is loaded over the other one, which is therefore read from its slot: lets them change places, so that no load is
    /// needed, and the value just computed is not read back from memory.
    /// </summary>
    private bool ReadsBothTheOtherWayRound(in MachineInst inst, in Edit reload)
    {
        Span<Operand> operands = _function.Operands.Span.Slice(inst.OperandStart, inst.OperandCount);
        Span<Location> places = _allocation.Locations.Span.Slice(inst.OperandStart, inst.OperandCount);
        int first = operands[0].Vreg;
        int second = operands[1].Vreg;
        bool overwrites = operands[^1].IsDef && places[^1] == reload.To;   // so nobody reads the loaded value there later
        if (!overwrites || !reload.From.IsSlot || reload.To != places[0] || reload.Vreg != first || first == second
            || _lostToLastEdit != second || !places[1].IsSlot || FindRegister(second, reload.Class) != Nothing)
        {
            return false;
        }

        (operands[0].Vreg, operands[1].Vreg) = (second, first);
        places[1] = reload.From;
        _registers[reload.To.Bits] = second;
        return true;
    }

    private bool Holds(Location place, int vreg) => place.IsRegister
        ? _registers[place.Bits] == vreg
        : _slotGenerations[place.SlotNumber] == _generation && _slots[place.SlotNumber] == vreg;

    private void Set(Location place, int vreg)
    {
        if (place.IsRegister)
        {
            _registers[place.Bits] = vreg;
        }
        else
        {
            _slots[place.SlotNumber] = vreg;
            _slotGenerations[place.SlotNumber] = _generation;
        }
    }

    private int FindRegister(int vreg, RegisterClass registerClass)
    {
        int first = registerClass == RegisterClass.Integer ? 0 : RegisterCount / 2;
        int found = _registers.AsSpan(first, RegisterCount / 2).IndexOf(vreg);
        return found < 0 ? Nothing : first + found;
    }

    private void DropUnreadStores()
    {
        FindSources();
        Span<Edit> edits = _allocation.Edits.Span;
        int kept = 0;
        foreach (ref readonly Edit edit in edits)
        {
            if (!edit.To.IsSlot || _readFromSlot[edit.Vreg])
            {
                edits[kept++] = edit;
            }
        }

        Work += edits.Length;
        _allocation.Edits.Resize(kept);
    }

    /// <summary>What a parameter read from a slot was passed may have been stored there under its own name.</summary>
    private void FindSources()
    {
        _pending.Clear();
        for (int vreg = 0; vreg < _function.Classes.Count; vreg++)
        {
            if (_readFromSlot[vreg])
            {
                _pending.Add(vreg);
            }
        }

        if (_pending.Count == 0)
        {
            return;
        }

        LinkArguments();
        while (_pending.Count > 0)
        {
            int vreg = _pending[_pending.Count - 1];
            _pending.Resize(_pending.Count - 1);
            for (int link = _firstArgument[vreg]; link != Nothing; link = _arguments[link].Next)
            {
                Work++;
                int argument = _arguments[link].Vreg;
                if (!_readFromSlot[argument])
                {
                    _readFromSlot[argument] = true;
                    _pending.Add(argument);
                }
            }
        }
    }

    /// <summary>Lists for each parameter what edges pass to it: in one go, as a block may have many of either.</summary>
    private void LinkArguments()
    {
        if (_firstArgument.Length < _function.Classes.Count)
        {
            _firstArgument = new int[Math.Max(_function.Classes.Count, _firstArgument.Length * 2)];
        }

        Array.Fill(_firstArgument, Nothing, 0, _function.Classes.Count);
        _arguments.Clear();
        foreach (ref readonly MachineEdge edge in _function.Edges.Span)
        {
            ReadOnlySpan<int> arguments = _function.Lists.Span.Slice(edge.ArgStart, edge.ArgCount);
            ReadOnlySpan<int> parameters = _function.Lists.Span.Slice(_function.Blocks[edge.Target].ParamStart, edge.ArgCount);
            Work += 1 + arguments.Length;
            for (int i = 0; i < arguments.Length; i++)
            {
                ref int first = ref _firstArgument[parameters[i]];
                first = _arguments.Add(new Argument { Vreg = arguments[i], Next = first });
            }
        }
    }

    private struct Argument
    {
        public int Vreg;
        public int Next;   // passed to the same parameter
    }
}
