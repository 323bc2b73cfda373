using System.Numerics;
using Wisp.Abi;
using Wisp.Compiler.Machine;

namespace Wisp.Compiler.Allocation;

// One instruction of the backward walk: clobbers, definitions, then uses; the moves below it and above it.
internal sealed partial class FastAllocator
{
    // The moves around the current instruction, by group (FastAllocator 4).
    private readonly GrowableArray<Edit> _stores = new();
    private readonly GrowableArray<Edit> _movesOut = new();
    private readonly GrowableArray<Edit> _reloads = new();
    private readonly GrowableArray<Edit> _copiesIn = new();

    private int _inst;
    private int _operandStart;

    // Registers that this instruction's operands take at its start and at its end.
    private uint _takenEarly;
    private uint _takenLate;

    private void AllocateInstruction(int number)
    {
        ref MachineInst inst = ref _function.Insts[number];
        ReadOnlySpan<Operand> operands = _function.OperandsOf(inst);
        _inst = number;
        _operandStart = inst.OperandStart;
        _takenEarly = 0;
        _takenLate = _function.ClobbersOf(inst);
        FreeClobberedAndFixed(operands);
        PlaceDefinitions(operands);
        PlaceUses(operands);
        FinishInstruction(number);
    }

    private ref Location LocationOf(int operand) => ref _allocation.Locations[_operandStart + operand];

    /// <summary>Sends values that the instruction's end would destroy to their slots.</summary>
    private void FreeClobberedAndFixed(ReadOnlySpan<Operand> operands)
    {
        for (uint clobbers = _takenLate; clobbers != 0; clobbers &= clobbers - 1)
        {
            int register = BitOperations.TrailingZeroCount(clobbers);
            int vreg = _holds[register];
            if (vreg != None && !IsDefinedIn(operands, vreg, register))
            {
                Evict(register);
            }
        }

        foreach (ref readonly Operand operand in operands)
        {
            bool late = operand.IsDef || operand.Position == OperandPosition.Late;
            if (late && IsFixed(operands, operand, out int register))
            {
                if (_holds[register] != None && _holds[register] != operand.Vreg)
                {
                    Evict(register);
                }

                _takenLate |= BitOf(register);
            }
        }
    }

    private static bool IsDefinedIn(ReadOnlySpan<Operand> operands, int vreg, int register)
    {
        foreach (ref readonly Operand operand in operands)
        {
            if (operand.IsDef && operand.Vreg == vreg && IsFixed(operands, operand, out int own))
            {
                return own == register;
            }
        }

        return false;
    }

    /// <summary>Whether the register is given: by a fixed constraint, or by being tied to a use that has one.</summary>
    private static bool IsFixed(ReadOnlySpan<Operand> operands, in Operand operand, out int register)
    {
        Operand given = operand.Constraint == OperandConstraint.SameAsInput ? operands[operand.Detail] : operand;
        register = given.Detail;
        return given.Constraint == OperandConstraint.Fixed;
    }

    private void PlaceDefinitions(ReadOnlySpan<Operand> operands)
    {
        uint fixedEarly = 0;
        foreach (ref readonly Operand operand in operands)
        {
            if (!operand.IsDef && operand.Constraint == OperandConstraint.Fixed)
            {
                fixedEarly |= BitOf(operand.Detail);
            }
        }

        for (int i = 0; i < operands.Length; i++)
        {
            if (operands[i].IsDef)
            {
                PlaceDefinition(operands, i, fixedEarly);
            }
        }

        // Above this point the defined values do not exist.
        foreach (ref readonly Operand operand in operands)
        {
            if (operand.IsDef)
            {
                EndValue(operand.Vreg);
            }
        }
    }

    private void PlaceDefinition(ReadOnlySpan<Operand> operands, int index, uint fixedEarly)
    {
        Operand operand = operands[index];
        int vreg = operand.Vreg;
        if (_crossesBlocks[vreg])
        {
            _ = SlotOf(vreg);
        }

        int current = _register[vreg];
        if (operand.Constraint == OperandConstraint.Any && current == None && _slot[vreg] != None)
        {
            LocationOf(index) = Location.Slot(_slot[vreg]);
            return;
        }

        bool tied = operand.Constraint == OperandConstraint.SameAsInput;
        bool early = tied || operand.Position == OperandPosition.Early;
        bool isFixed = IsFixed(operands, operand, out int register);
        if (!isFixed)
        {
            uint forbidden = (early ? fixedEarly | _takenEarly : 0) | (_takenLate & ~BitOfOrNone(current));
            bool stays = current != None && (BitOf(current) & forbidden) == 0;
            register = stays ? current : TakeRegister(vreg, forbidden, _inst);
        }

        _takenLate |= BitOf(register);
        _takenEarly |= early && !isFixed ? BitOf(register) : 0;
        _allocation.UsedCalleeSaved |= BitOf(register) & _function.CalleeSavedRegisters;
        Location place = Location.Of((MachineRegister)register);
        LocationOf(index) = place;
        current = _register[vreg];
        if (current != None && current != register)
        {
            AddTo(_movesOut, place, Location.Of((MachineRegister)current), vreg);
            _takenLate |= BitOf(current);
        }

        if (_slot[vreg] != None)
        {
            AddTo(_stores, place, Location.Slot(_slot[vreg]), vreg);
        }
    }

    private static uint BitOfOrNone(int register) => register == None ? 0 : BitOf(register);

    private void EndValue(int vreg)
    {
        if (_register[vreg] != None)
        {
            Release(vreg);
        }

        if (_slot[vreg] != None && !_crossesBlocks[vreg])
        {
            _releasedSlots.Add(vreg);
        }
    }

    private void PlaceUses(ReadOnlySpan<Operand> operands)
    {
        // First free all fixed registers: an eviction must not hit the source of a copy into another of them.
        foreach (ref readonly Operand operand in operands)
        {
            if (!operand.IsDef && operand.Constraint == OperandConstraint.Fixed)
            {
                int holder = _holds[operand.Detail];
                if (holder != None && holder != operand.Vreg)
                {
                    Evict(operand.Detail);
                }
            }
        }

        for (int i = 0; i < operands.Length; i++)
        {
            if (!operands[i].IsDef && operands[i].Constraint == OperandConstraint.Fixed)
            {
                PlaceFixedUse(operands[i], i);
            }
        }

        for (int i = 0; i < operands.Length; i++)
        {
            if (operands[i].Constraint == OperandConstraint.SameAsInput && !IsFixed(operands, operands[i], out _))
            {
                PlaceTiedUse(operands, i);
            }
        }

        PlaceRegisterUses(operands, OperandPosition.Late);
        PlaceRegisterUses(operands, OperandPosition.Early);
        for (int i = 0; i < operands.Length; i++)
        {
            if (!operands[i].IsDef && LocationOf(i) == Location.None)
            {
                PlaceAnyUse(operands[i], i);
            }
        }
    }

    private void PlaceFixedUse(in Operand operand, int index)
    {
        int register = operand.Detail;
        Location place = Location.Of((MachineRegister)register);
        LocationOf(index) = place;
        _takenEarly |= BitOf(register);
        _allocation.UsedCalleeSaved |= BitOf(register) & _function.CalleeSavedRegisters;
        if (_holds[register] == operand.Vreg)
        {
            _nextUse[register] = _inst;
            return;
        }

        BringUseTo(operand.Vreg, register);
    }

    private void PlaceTiedUse(ReadOnlySpan<Operand> operands, int definition)
    {
        Location place = LocationOf(definition);
        int input = operands[definition].Detail;
        Operand use = operands[input];
        if (place.IsSlot || (LocationOf(input) != Location.None && LocationOf(input) != place))
        {
            throw new InvalidOperationException($"instruction {_inst}: operand {definition} is tied, but not to one register");
        }

        LocationOf(input) = place;
        BringUseTo(use.Vreg, place.Bits);

        // Other uses of the same value may read that register too: it saves them a register of their own.
        for (int i = 0; i < operands.Length; i++)
        {
            bool plain = operands[i].Constraint is OperandConstraint.Register or OperandConstraint.Any;
            if (!operands[i].IsDef && operands[i].Vreg == use.Vreg && plain
                && operands[i].Position == OperandPosition.Early && LocationOf(i) == Location.None && !IsTiedInput(operands, i))
            {
                LocationOf(i) = place;
            }
        }
    }

    private static bool IsTiedInput(ReadOnlySpan<Operand> operands, int input)
    {
        foreach (ref readonly Operand operand in operands)
        {
            if (operand.Constraint == OperandConstraint.SameAsInput && operand.Detail == input)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Makes a register that is free at the start of the instruction hold a value there.</summary>
    private void BringUseTo(int vreg, int register)
    {
        int current = _register[vreg];
        if (current == None)
        {
            Hold(register, vreg, _inst);
        }
        else if (current != register)
        {
            _nextUse[current] = _inst;
            _takenEarly |= BitOf(current);
            AddTo(_copiesIn, Location.Of((MachineRegister)current), Location.Of((MachineRegister)register), vreg);
        }
    }

    private void PlaceRegisterUses(ReadOnlySpan<Operand> operands, OperandPosition position)
    {
        for (int i = 0; i < operands.Length; i++)
        {
            Operand operand = operands[i];
            if (operand.IsDef || operand.Constraint != OperandConstraint.Register || operand.Position != position
                || LocationOf(i) != Location.None)
            {
                continue;
            }

            uint forbidden = _takenEarly | (position == OperandPosition.Late ? _takenLate : 0);
            int register = _register[operand.Vreg];
            if (register == None || (position == OperandPosition.Late && (BitOf(register) & _takenLate) != 0))
            {
                register = PlaceInFreshRegister(operand.Vreg, forbidden);
            }

            _nextUse[register] = _inst;
            _takenEarly |= BitOf(register);
            _takenLate |= position == OperandPosition.Late ? BitOf(register) : 0;
            LocationOf(i) = Location.Of((MachineRegister)register);
        }
    }

    private int PlaceInFreshRegister(int vreg, uint forbidden)
    {
        int register = HintFor(vreg, forbidden);
        if (register == None)
        {
            register = TakeRegister(vreg, forbidden, _inst);
        }

        _allocation.UsedCalleeSaved |= BitOf(register) & _function.CalleeSavedRegisters;
        BringUseTo(vreg, register);
        return register;
    }

    /// <summary>For an input of a move, or of an instruction that prefers it, the register of the result.</summary>
    private int HintFor(int vreg, uint forbidden)
    {
        ref MachineInst inst = ref _function.Insts[_inst];
        if ((inst.Flags & (MachineInstFlags.Move | MachineInstFlags.PrefersTied)) == 0)
        {
            return None;
        }

        Location result = LocationOf(inst.OperandCount - 1);
        bool usable = result.IsRegister && (BitOf(result.Bits) & (forbidden | ~RegistersOf(_function.Classes[vreg]))) == 0
            && _holds[result.Bits] == None;
        return usable ? result.Bits : None;
    }

    private void PlaceAnyUse(in Operand operand, int index)
    {
        int vreg = operand.Vreg;
        bool late = operand.Position == OperandPosition.Late;
        int register = _register[vreg];
        if (register != None && !(late && (BitOf(register) & _takenLate) != 0))
        {
            _nextUse[register] = _inst;
            _takenEarly |= BitOf(register);
            LocationOf(index) = Location.Of((MachineRegister)register);
            return;
        }

        uint forbidden = _takenEarly | (late ? _takenLate : 0);
        bool hasFree = (RegistersOf(_function.Classes[vreg]) & ~forbidden & FreeRegisters()) != 0;
        if (register == None && _slot[vreg] == None && hasFree)
        {
            register = PlaceInFreshRegister(vreg, forbidden);
            _takenEarly |= BitOf(register);
            _takenLate |= late ? BitOf(register) : 0;
            LocationOf(index) = Location.Of((MachineRegister)register);
            return;
        }

        LocationOf(index) = SlotOf(vreg);
    }

    /// <summary>Takes a register from its value: above the current instruction's end, that value is in its slot.</summary>
    private void Evict(int register)
    {
        int vreg = _holds[register];
        AddTo(_reloads, SlotOf(vreg), Location.Of((MachineRegister)register), vreg);
        Release(vreg);
    }

    private void AddTo(GrowableArray<Edit> group, Location from, Location to, int vreg) => group.Add(new Edit
    {
        From = from,
        To = to,
        Class = _function.Classes[vreg],
        Vreg = vreg,
    });

    private void FinishInstruction(int number)
    {
        AppendBackward(_reloads, number + 1);
        AppendBackward(_movesOut, number + 1);
        AppendBackward(_stores, number + 1);
        AppendBackward(_copiesIn, number);
        foreach (int vreg in _releasedSlots.Span)
        {
            (_function.Classes[vreg] == RegisterClass.Vector ? _freeWideSlots : _freeSlots).Add(_slot[vreg]);
        }

        _releasedSlots.Clear();
    }

    private void AppendBackward(GrowableArray<Edit> group, int before)
    {
        for (int i = group.Count - 1; i >= 0; i--)
        {
            Edit edit = group[i];
            edit.Before = before;
            _backward.Add(edit);
        }

        group.Clear();
    }
}
