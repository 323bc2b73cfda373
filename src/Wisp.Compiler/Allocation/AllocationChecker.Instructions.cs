using Wisp.Abi;
using Wisp.Compiler.Machine;

namespace Wisp.Compiler.Allocation;

// The effect of one edit and of one instruction on the state, and what it demands of it.
internal sealed partial class AllocationChecker
{
    private void ApplyEdits()
    {
        for (int i = _firstEdit[_inst]; i < _firstEdit[_inst + 1]; i++)
        {
            Edit edit = _allocation.Edits[i];
            CheckPlace(edit.To, edit.Class, "an edit's target");
            NoteWrite(edit.To);
            if (edit.From == Location.None)
            {
                ApplyConstant(edit);
                continue;
            }

            CheckPlace(edit.From, edit.Class, "an edit's source");
            if (!Holds(edit.From, edit.Vreg))
            {
                throw Wrong($"an edit copies v{edit.Vreg} from {LocationText.Of(edit.From)}, which holds {ContentsOf(edit.From)}");
            }

            Copy(edit.From, edit.To, edit.Class);
        }
    }

    private void ApplyConstant(in Edit edit)
    {
        MachineInst inst = _function.Insts[edit.RematerializedInst];
        ReadOnlySpan<Operand> operands = _function.OperandsOf(inst);
        if ((inst.Flags & MachineInstFlags.Rematerializable) == 0 || operands.Length != 1 || operands[0].Vreg != edit.Vreg)
        {
            throw Wrong($"an edit repeats instruction {edit.RematerializedInst}, which does not make v{edit.Vreg} from nothing");
        }

        Set(edit.To, NamesBehindEdge(edit.Vreg), _function.Classes[edit.Vreg]);
    }

    /// <summary>A value, and the parameters that it was just passed to by the only edge into this block.</summary>
    private int[] NamesBehindEdge(int vreg)
    {
        var names = new SortedSet<int> { vreg };
        MachineBlock block = _function.Blocks[_block];
        if (_inst == block.First && block.PredecessorCount == 1)
        {
            MachineBlock source = _function.Blocks[_function.Lists[block.PredecessorStart]];
            foreach (ref readonly MachineEdge edge in _function.Edges.Span.Slice(source.SuccessorStart, source.SuccessorCount))
            {
                for (int i = 0; edge.Target == _block && i < edge.ArgCount; i++)
                {
                    if (_function.Lists[edge.ArgStart + i] == vreg)
                    {
                        names.Add(_function.Lists[block.ParamStart + i]);
                    }
                }
            }
        }

        return [.. names];
    }

    private void ApplyInstruction(in MachineInst inst)
    {
        ReadOnlySpan<Operand> operands = _function.OperandsOf(inst);
        if ((inst.Flags & MachineInstFlags.Rematerializable) != 0 && PlaceOf(inst, 0) == Location.None)
        {
            return;   // never made here: repeated where it is needed
        }

        for (int i = 0; i < operands.Length; i++)
        {
            CheckOperand(inst, operands, i);
        }

        CheckConflicts(inst, operands);
        bool isMove = (inst.Flags & MachineInstFlags.Move) != 0;
        int[] copied = isMove ? Readable(PlaceOf(inst, 0), _function.Classes[operands[0].Vreg]) : Nothing;
        uint lost = _function.ClobbersOf(inst);
        for (int register = 0; register < RegisterCount; register++)
        {
            if ((lost >> register & 1) != 0)
            {
                _state[register] = Nothing;
            }
        }

        for (int i = 0; i < operands.Length; i++)
        {
            if (operands[i].IsDef)
            {
                int vreg = operands[i].Vreg;
                NoteWrite(PlaceOf(inst, i));
                Set(PlaceOf(inst, i), isMove ? [.. new SortedSet<int>(copied) { vreg }] : [vreg], _function.Classes[vreg]);
            }
        }
    }

    private Location PlaceOf(in MachineInst inst, int operand) => _allocation.Locations[inst.OperandStart + operand];

    private void CheckOperand(in MachineInst inst, ReadOnlySpan<Operand> operands, int index)
    {
        Operand operand = operands[index];
        Location place = PlaceOf(inst, index);
        string name = $"operand {index} (v{operand.Vreg})";
        CheckPlace(place, _function.Classes[operand.Vreg], name);
        if (place.IsRegister && operand.Constraint != OperandConstraint.Fixed
            && (_function.AllocatableRegisters >> place.Bits & 1) == 0)
        {
            throw Wrong($"{name} is in {LocationText.Of(place)}, which is not for allocation");
        }

        switch (operand.Constraint)
        {
            case OperandConstraint.Register when !place.IsRegister:
                throw Wrong($"{name} is in {LocationText.Of(place)} and wants a register");
            case OperandConstraint.Fixed when place != Location.Of((MachineRegister)operand.Detail):
                throw Wrong($"{name} is in {LocationText.Of(place)} and wants {LocationText.Of((MachineRegister)operand.Detail)}");
            case OperandConstraint.SameAsInput when place != PlaceOf(inst, operand.Detail) || !place.IsRegister:
                throw Wrong($"{name} is in {LocationText.Of(place)}, tied to operand {operand.Detail} in "
                    + LocationText.Of(PlaceOf(inst, operand.Detail)));
        }

        if (!operand.IsDef && !Holds(place, operand.Vreg))
        {
            throw Wrong($"{name} is read from {LocationText.Of(place)}, which holds {ContentsOf(place)}");
        }
    }

    private void CheckConflicts(in MachineInst inst, ReadOnlySpan<Operand> operands)
    {
        uint clobbers = _function.ClobbersOf(inst);
        for (int i = 0; i < operands.Length; i++)
        {
            Location place = PlaceOf(inst, i);
            bool lateUse = !operands[i].IsDef && operands[i].Position == OperandPosition.Late;
            if (lateUse && place.IsRegister && (clobbers >> place.Bits & 1) != 0)
            {
                throw Wrong($"operand {i} (v{operands[i].Vreg}) is read late from {LocationText.Of(place)}, which is clobbered");
            }

            if (place.IsRegister && (clobbers & MachineFunction.ScratchRegisters & (1u << place.Bits)) != 0)
            {
                throw Wrong($"operand {i} (v{operands[i].Vreg}) is in {LocationText.Of(place)}, which the instruction uses up");
            }

            if (!operands[i].IsDef)
            {
                continue;
            }

            for (int k = 0; k < operands.Length; k++)
            {
                bool other = k != i && (operands[k].IsDef
                    || operands[k].Position == OperandPosition.Late
                    || operands[i].Position == OperandPosition.Early);
                if (other && place == PlaceOf(inst, k))
                {
                    throw Wrong($"operands {i} (v{operands[i].Vreg}) and {k} (v{operands[k].Vreg}) share {LocationText.Of(place)}");
                }
            }
        }
    }

    private void CheckPlace(Location place, RegisterClass registerClass, string what)
    {
        if (place.IsRegister)
        {
            bool vector = (VectorRegisters >> place.Bits & 1) != 0;
            if (place.Bits >= RegisterCount || vector != (registerClass != RegisterClass.Integer))
            {
                throw Wrong($"{what} of class {registerClass} is in {LocationText.Of(place)}");
            }

            return;
        }

        int units = registerClass == RegisterClass.Vector ? 2 : 1;
        if (!place.IsSlot || place.SlotNumber + units > _allocation.SlotCount)
        {
            throw Wrong($"{what} is in {LocationText.Of(place)}; there are {_allocation.SlotCount} slots");
        }
    }

    private void NoteWrite(Location place)
    {
        uint unsaved = _function.CalleeSavedRegisters & ~_allocation.UsedCalleeSaved;
        if (place.IsRegister && (unsaved >> place.Bits & 1) != 0)
        {
            throw Wrong($"{LocationText.Of(place)} is written, but not among the saved registers");
        }
    }

    private bool Holds(Location place, int vreg)
    {
        int unit = Unit(place);
        bool wide = place.IsSlot && _function.Classes[vreg] == RegisterClass.Vector;
        return Array.BinarySearch(_state[unit], vreg) >= 0 && (!wide || Array.BinarySearch(_state[unit + 1], ~vreg) >= 0);
    }

    private static int Unit(Location place) => place.IsRegister ? place.Bits : RegisterCount + place.SlotNumber;

    private void Copy(Location from, Location to, RegisterClass registerClass) => Set(to, Readable(from, registerClass), registerClass);

    /// <summary>The values that a read of the class's width finds whole.</summary>
    private int[] Readable(Location from, RegisterClass registerClass) => Array.FindAll(
        _state[Unit(from)],
        held => held >= 0 && Holds(from, held)
            && (registerClass == RegisterClass.Vector) == (_function.Classes[held] == RegisterClass.Vector));

    private void Set(Location to, int[] values, RegisterClass registerClass)
    {
        int unit = Unit(to);
        _state[unit] = values;
        if (to.IsSlot && registerClass == RegisterClass.Vector)
        {
            int[] upper = Array.ConvertAll(values, held => ~held);
            Array.Sort(upper);
            _state[unit + 1] = upper;
        }
    }

    private string ContentsOf(Location place)
    {
        int[] contents = _state[Unit(place)];
        return contents.Length == 0
            ? "nothing known"
            : string.Join(", ", Array.ConvertAll(contents, held => held < 0 ? $"half of v{~held}" : $"v{held}"));
    }
}
