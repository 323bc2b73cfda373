using System.Text;
using Wisp.Abi;
using Wisp.Compiler.Allocation;

namespace Wisp.Compiler.Machine;

// function   registers* block*
// registers  "registers" register ("," register)* [";" "saved" register ("," register)*]      only read, not printed
// block      "block" N ["(" vreg ":" class, ... ")"] ":" ["depth" N] ["header"] ["cold"]  then its instructions
// inst       name [".move"] [".const"] [".call"] [".swap"] [".tie"] [operand, ...] ["clobbers" register, ...] ["{" field=value ... "}"] ["->" edge, ...]
//            The last instruction of a block is its terminator.
// operand    vreg        any register            =vreg:class      defined; class is i, f or v
//            vreg?       register or slot        =vreg:class~N    defined in the register of operand N
//            vreg@rdi    this register           a trailing "!"   a use at the end, or a definition at the start
// edge       "block" N ["(" vreg, ... ")"]
//
// After allocation an operand is followed by its place, "v1[rax]", and the allocator's edits stand on lines of their own:
//   ; v3 rax -> slot2
//   ; v3 again -> rcx        the constant v3 is made once more

/// <summary>Prints machine functions, before or after allocation.</summary>
internal sealed class MachinePrinter
{
    private readonly MachineFunction _function;
    private readonly IMachineOpNames _names;
    private readonly Allocation.Allocation? _allocation;
    private readonly StringBuilder _text = new();
    private int _nextEdit;

    private MachinePrinter(MachineFunction function, IMachineOpNames names, Allocation.Allocation? allocation)
    {
        _function = function;
        _names = names;
        _allocation = allocation;
    }

    /// <summary>Prints a function.</summary>
    /// <param name="function">The function.</param>
    /// <param name="names">Names of its instructions.</param>
    /// <param name="allocation">Its places and edits, printed with it; null before allocation.</param>
    public static string Print(MachineFunction function, IMachineOpNames names, Allocation.Allocation? allocation = null)
    {
        var printer = new MachinePrinter(function, names, allocation);
        printer.PrintFunction();
        return printer._text.ToString();
    }

    private void PrintFunction()
    {
        for (int b = 0; b < _function.Blocks.Count; b++)
        {
            MachineBlock block = _function.Blocks[b];
            PrintHeading(b, block);
            for (int i = block.First; i < block.End; i++)
            {
                PrintEdits(i);
                PrintInstruction(_function.Insts[i]);
                if (i == block.End - 1)
                {
                    PrintEdges(block);
                }

                _text.Append('\n');
            }
        }
    }

    private void PrintHeading(int number, in MachineBlock block)
    {
        Append($"block{number}");
        for (int i = 0; i < block.ParamCount; i++)
        {
            int vreg = _function.Lists[block.ParamStart + i];
            Append($"{(i == 0 ? "(" : ", ")}v{vreg}:{LetterOf(_function.Classes[vreg])}");
        }

        _text.Append(block.ParamCount > 0 ? "):" : ":");
        if (block.LoopDepth > 0)
        {
            Append($" depth {block.LoopDepth}");
        }

        _text.Append(block.IsLoopHeader ? " header" : "").Append(block.IsCold ? " cold" : "").Append('\n');
    }

    private static char LetterOf(RegisterClass registerClass) => registerClass switch
    {
        RegisterClass.Integer => 'i',
        RegisterClass.Float => 'f',
        _ => 'v',
    };

    private void PrintEdits(int inst)
    {
        while (_allocation is not null && _nextEdit < _allocation.Edits.Count && _allocation.Edits[_nextEdit].Before <= inst)
        {
            Edit edit = _allocation.Edits[_nextEdit++];
            string from = edit.From == Location.None ? "again" : LocationText.Of(edit.From);
            Append($"    ; v{edit.Vreg} {from} -> {LocationText.Of(edit.To)}\n");
        }
    }

    private void PrintInstruction(in MachineInst inst)
    {
        Append($"    {_names.NameOf(inst.Op)}");
        _text.Append((inst.Flags & MachineInstFlags.Move) != 0 ? ".move" : "")
            .Append((inst.Flags & MachineInstFlags.Rematerializable) != 0 ? ".const" : "")
            .Append((inst.Flags & MachineInstFlags.Call) != 0 ? ".call" : "")
            .Append((inst.Flags & MachineInstFlags.Commutative) != 0 ? ".swap" : "")
            .Append((inst.Flags & MachineInstFlags.PrefersTied) != 0 ? ".tie" : "");
        ReadOnlySpan<Operand> operands = _function.OperandsOf(inst);
        for (int i = 0; i < operands.Length; i++)
        {
            _text.Append(i == 0 ? " " : ", ");
            PrintOperand(operands[i], inst.OperandStart + i);
        }

        uint clobbers = _function.ClobbersOf(inst);
        for (int register = 0; register < 32; register++)
        {
            if ((clobbers >> register & 1) != 0)
            {
                bool first = (clobbers & ((1u << register) - 1)) == 0;
                _text.Append(first ? " clobbers " : ", ").Append(LocationText.Of((MachineRegister)register));
            }
        }

        PrintFields(inst);
    }

    private void PrintOperand(in Operand operand, int index)
    {
        Append($"{(operand.IsDef ? "=" : "")}v{operand.Vreg}");
        if (operand.IsDef)
        {
            Append($":{LetterOf(_function.Classes[operand.Vreg])}");
        }

        switch (operand.Constraint)
        {
            case OperandConstraint.Any:
                _text.Append('?');
                break;
            case OperandConstraint.Fixed:
                _text.Append('@').Append(LocationText.Of((MachineRegister)operand.Detail));
                break;
            case OperandConstraint.SameAsInput:
                Append($"~{operand.Detail}");
                break;
        }

        if (operand.IsDef == (operand.Position == OperandPosition.Early))
        {
            _text.Append('!');
        }

        if (_allocation is not null)
        {
            Append($"[{LocationText.Of(_allocation.Locations[index])}]");
        }
    }

    private void PrintFields(in MachineInst inst)
    {
        int start = _text.Length;
        PrintField("size", inst.Size, 0);
        PrintField("cond", inst.Condition, 0);
        PrintField("base", inst.BaseOperand, MachineInst.NoOperand);
        PrintField("index", inst.IndexOperand, MachineInst.NoOperand);
        PrintField("scale", inst.Scale, 0);
        PrintField("disp", inst.Displacement, 0);
        PrintField("imm", inst.Immediate, 0);
        PrintField("trap", inst.TrapCode, 0);
        PrintField("source", inst.SourceOffset, 0);
        if (_text.Length > start)
        {
            _text.Insert(start, " {").Remove(start + 2, 1).Append('}');
        }
    }

    private void PrintField(string name, long value, long usual)
    {
        if (value != usual)
        {
            Append($" {name}={value}");
        }
    }

    private void PrintEdges(in MachineBlock block)
    {
        for (int i = 0; i < block.SuccessorCount; i++)
        {
            MachineEdge edge = _function.Edges[block.SuccessorStart + i];
            Append($"{(i == 0 ? " -> " : ", ")}block{edge.Target}");
            for (int k = 0; k < edge.ArgCount; k++)
            {
                Append($"{(k == 0 ? "(" : ", ")}v{_function.Lists[edge.ArgStart + k]}");
            }

            _text.Append(edge.ArgCount > 0 ? ")" : "");
        }
    }

    private void Append(string text) => _text.Append(text);
}
