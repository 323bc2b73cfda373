using System.Globalization;
using Wisp.Abi;
using Wisp.Compiler.Allocation;

namespace Wisp.Compiler.Machine;

/// <summary>Reads machine functions from the text that <see cref="MachinePrinter"/> writes (its grammar is there). For tests.</summary>
internal sealed class MachineParser
{
    private readonly MachineFunction _function;
    private readonly IMachineOpNames _names;
    private readonly Dictionary<int, int> _successorLine = [];
    private string _line = "";
    private int _lineNumber;
    private int _at;

    private MachineParser(MachineFunction function, IMachineOpNames names)
    {
        _function = function;
        _names = names;
    }

    /// <summary>Replaces a function by the one in a text; keeps its register sets unless the text has its own.</summary>
    /// <exception cref="FormatException">The text is not a machine function; the message has line and column.</exception>
    public static void Parse(string text, IMachineOpNames names, MachineFunction function)
    {
        function.Reset();
        var parser = new MachineParser(function, names);
        foreach (string line in text.Split('\n'))
        {
            parser._line = line.TrimEnd();
            parser._lineNumber++;
            parser._at = 0;
            parser.ParseLine();
        }

        parser.EndBlock();
        parser.AddPredecessors();
    }

    private void ParseLine()
    {
        SkipSpaces();
        if (AtEnd || Peek == ';')
        {
            return;
        }

        if (TryWord("registers"))
        {
            _function.AllocatableRegisters = ParseRegisters();
            _function.CalleeSavedRegisters = TryChar(';') && TryWord("saved") ? ParseRegisters() : 0;
        }
        else if (TryWord("block"))
        {
            ParseHeading();
        }
        else
        {
            ParseInstruction();
        }

        SkipSpaces();
        if (!AtEnd)
        {
            throw Fault("the line should end here");
        }
    }

    private void ParseHeading()
    {
        EndBlock();
        int number = ParseInt();
        if (number != _function.Blocks.Count)
        {
            throw Fault($"block{_function.Blocks.Count} comes next, not block{number}");
        }

        var block = new MachineBlock { First = _function.Insts.Count, ParamStart = _function.Lists.Count };
        if (TryChar('('))
        {
            do
            {
                int vreg = ParseVreg();
                ParseClass(vreg);
                _function.Lists.Add(vreg);
            }
            while (TryChar(','));
            Expect(')');
        }

        block.ParamCount = _function.Lists.Count - block.ParamStart;
        Expect(':');
        block.LoopDepth = TryWord("depth") ? ParseInt() : 0;
        block.IsLoopHeader = TryWord("header");
        block.IsCold = TryWord("cold");
        block.SuccessorStart = _function.Edges.Count;
        _function.Blocks.Add(block);
    }

    private void EndBlock()
    {
        if (_function.Blocks.Count == 0)
        {
            return;
        }

        ref MachineBlock block = ref _function.Blocks[_function.Blocks.Count - 1];
        block.End = _function.Insts.Count;
        if (block.End == block.First)
        {
            throw Fault($"block{_function.Blocks.Count - 1} is empty");
        }

        _function.Insts[block.End - 1].Flags |= MachineInstFlags.Terminator;
    }

    private void ParseInstruction()
    {
        if (_function.Blocks.Count == 0)
        {
            throw Fault("an instruction outside of a block");
        }

        int start = _at;
        while (!AtEnd && (char.IsAsciiLetterOrDigit(Peek) || Peek == '_'))
        {
            _at++;
        }

        if (!_names.TryFind(_line.AsSpan(start, _at - start), out ushort op))
        {
            throw Fault($"no instruction is called \"{_line[start.._at]}\"");
        }

        var inst = new MachineInst
        {
            Op = op,
            BaseOperand = MachineInst.NoOperand,
            IndexOperand = MachineInst.NoOperand,
            OperandStart = _function.Operands.Count,
        };
        inst.Flags |= TryText(".move") ? MachineInstFlags.Move : 0;
        inst.Flags |= TryText(".const") ? MachineInstFlags.Rematerializable : 0;
        inst.Flags |= TryText(".call") ? MachineInstFlags.Call : 0;
        inst.Flags |= TryText(".swap") ? MachineInstFlags.Commutative : 0;
        inst.Flags |= TryText(".tie") ? MachineInstFlags.PrefersTied : 0;
        SkipSpaces();
        if (!AtEnd && Peek is 'v' or '=')
        {
            do
            {
                ParseOperand();
            }
            while (TryChar(','));
        }

        inst.OperandCount = (byte)(_function.Operands.Count - inst.OperandStart);
        inst.ClobberSet = TryWord("clobbers") ? ClobberSetOf(ParseRegisters()) : (ushort)0;
        ParseFields(ref inst);
        ParseEdges();
        _function.Insts.Add(inst);
    }

    private ushort ClobberSetOf(uint registers)
    {
        int index = _function.ClobberSets.Span.IndexOf(registers);
        return (ushort)(index >= 0 ? index : _function.ClobberSets.Add(registers));
    }

    private void ParseOperand()
    {
        var operand = new Operand { IsDef = TryChar('='), Constraint = OperandConstraint.Register };
        operand.Vreg = ParseVreg();
        if (operand.IsDef)
        {
            ParseClass(operand.Vreg);
        }

        if (TryChar('?'))
        {
            operand.Constraint = OperandConstraint.Any;
        }
        else if (TryChar('@'))
        {
            operand.Constraint = OperandConstraint.Fixed;
            operand.Detail = (byte)ParseRegister();
        }
        else if (TryChar('~'))
        {
            operand.Constraint = OperandConstraint.SameAsInput;
            operand.Detail = (byte)ParseInt();
        }

        operand.Position = TryChar('!') != operand.IsDef ? OperandPosition.Late : OperandPosition.Early;
        if (TryChar('['))
        {
            _at = _line.IndexOf(']', _at) is var close and >= 0 ? close + 1 : throw Fault("a place without ']'");
        }

        _function.Operands.Add(operand);
    }

    private void ParseFields(ref MachineInst inst)
    {
        if (!TryChar('{'))
        {
            return;
        }

        while (!TryChar('}'))
        {
            int equals = AtEnd ? -1 : _line.IndexOf('=', _at);
            if (equals < 0)
            {
                throw Fault("field=value");
            }

            string name = _line[_at..equals];
            _at = equals + 1;
            long value = ParseLong();
            SetField(ref inst, name, value);
        }
    }

    private void SetField(ref MachineInst inst, string name, long value)
    {
        switch (name)
        {
            case "size": inst.Size = (byte)value; break;
            case "cond": inst.Condition = (byte)value; break;
            case "base": inst.BaseOperand = (byte)value; break;
            case "index": inst.IndexOperand = (byte)value; break;
            case "scale": inst.Scale = (byte)value; break;
            case "disp": inst.Displacement = (int)value; break;
            case "imm": inst.Immediate = value; break;
            case "trap": inst.TrapCode = (byte)value; break;
            case "source": inst.SourceOffset = (int)value; break;
            default: throw Fault($"no field is called \"{name}\"");
        }
    }

    private void ParseEdges()
    {
        if (!TryText("->"))
        {
            return;
        }

        do
        {
            if (!TryWord("block"))
            {
                throw Fault("a block");
            }

            var edge = new MachineEdge { Target = ParseInt(), ArgStart = _function.Lists.Count };
            if (TryChar('('))
            {
                do
                {
                    _function.Lists.Add(ParseVreg());
                }
                while (TryChar(','));
                Expect(')');
            }

            edge.ArgCount = _function.Lists.Count - edge.ArgStart;
            _successorLine[_function.Edges.Add(edge)] = _lineNumber;
            _function.Blocks[_function.Blocks.Count - 1].SuccessorCount++;
        }
        while (TryChar(','));
    }

    private void AddPredecessors()
    {
        for (int target = 0; target < _function.Blocks.Count; target++)
        {
            int start = _function.Lists.Count;
            for (int b = 0; b < _function.Blocks.Count; b++)
            {
                MachineBlock block = _function.Blocks[b];
                foreach (ref readonly MachineEdge edge in _function.Edges.Span.Slice(block.SuccessorStart, block.SuccessorCount))
                {
                    if (edge.Target == target)
                    {
                        _function.Lists.Add(b);
                    }
                }
            }

            _function.Blocks[target].PredecessorStart = start;
            _function.Blocks[target].PredecessorCount = _function.Lists.Count - start;
        }

        for (int i = 0; i < _function.Edges.Count; i++)
        {
            if (_function.Edges[i].Target >= _function.Blocks.Count)
            {
                throw new FormatException($"line {_successorLine[i]}: block{_function.Edges[i].Target} does not exist");
            }
        }
    }

    private bool AtEnd => _at >= _line.Length;

    private char Peek => _line[_at];

    private void SkipSpaces()
    {
        while (!AtEnd && Peek == ' ')
        {
            _at++;
        }
    }

    private bool TryText(string text)
    {
        SkipSpaces();
        if (!_line.AsSpan(_at).StartsWith(text, StringComparison.Ordinal))
        {
            return false;
        }

        _at += text.Length;
        return true;
    }

    private bool TryChar(char wanted)
    {
        SkipSpaces();
        if (AtEnd || Peek != wanted)
        {
            return false;
        }

        _at++;
        return true;
    }

    // A word ends where no letter follows: "block1" is the word "block" and a number.
    private bool TryWord(string word)
    {
        int start = _at;
        if (!TryText(word) || (!AtEnd && char.IsAsciiLetter(Peek)))
        {
            _at = start;
            return false;
        }

        return true;
    }

    private void Expect(char wanted)
    {
        if (!TryChar(wanted))
        {
            throw Fault($"'{wanted}'");
        }
    }

    private int ParseVreg()
    {
        Expect('v');
        int vreg = ParseInt();
        if (vreg > 1 << 20)
        {
            throw Fault("a smaller number");
        }

        if (vreg >= _function.Classes.Count)
        {
            _function.Classes.Resize(vreg + 1);
        }

        return vreg;
    }

    private void ParseClass(int vreg)
    {
        Expect(':');
        _function.Classes[vreg] = TryChar('i') ? RegisterClass.Integer
            : TryChar('f') ? RegisterClass.Float
            : TryChar('v') ? RegisterClass.Vector
            : throw Fault("a class: i, f or v");
    }

    private int ParseInt() => (int)ParseLong();

    private long ParseLong()
    {
        SkipSpaces();
        int start = _at;
        if (!AtEnd && Peek == '-')
        {
            _at++;
        }

        while (!AtEnd && char.IsAsciiDigit(Peek))
        {
            _at++;
        }

        return long.TryParse(_line.AsSpan(start, _at - start), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
            ? value
            : throw Fault("a number");
    }

    private uint ParseRegisters()
    {
        uint registers = 0;
        do
        {
            registers |= 1u << (int)ParseRegister();
        }
        while (TryChar(','));
        return registers;
    }

    private MachineRegister ParseRegister()
    {
        SkipSpaces();
        int start = _at;
        while (!AtEnd && char.IsAsciiLetterOrDigit(Peek))
        {
            _at++;
        }

        return LocationText.TryParseRegister(_line.AsSpan(start, _at - start), out MachineRegister register)
            ? register
            : throw Fault("a register");
    }

    private FormatException Fault(string wanted) => new($"line {_lineNumber}, column {_at + 1}: expected {wanted}");
}
