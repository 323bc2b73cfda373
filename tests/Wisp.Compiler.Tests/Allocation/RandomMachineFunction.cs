using Wisp.Abi;
using Wisp.Compiler.Machine;

namespace Wisp.Compiler.Tests.Allocation;

/// <summary>Makes machine functions that obey the invariants and are otherwise as unpleasant as chance allows.</summary>
internal sealed class RandomMachineFunction
{
    public const uint Allocatable = 0x7FFF_0000 | 0x77CF;   // rax rcx rdx rbx rsi rdi r8 r9 r10 r12 r13 r14, xmm0..xmm14
    public const uint CalleeSaved = 0x7008;                 // rbx r12 r13 r14
    private const uint Scratch = MachineFunction.ScratchRegisters;
    private const uint CallClobbers = (Allocatable | Scratch) & ~CalleeSaved;

    private readonly Random _random;
    private readonly MachineFunction _function = new();
    private readonly List<BlockDraft> _blocks = [];
    private readonly int _maxBlocks;
    private readonly int _maxLive;
    private List<int> _live = [];
    private BlockDraft _current = null!;

    private RandomMachineFunction(int seed, int maxBlocks, int maxLive)
    {
        _random = new Random(seed);
        _maxBlocks = maxBlocks;
        _maxLive = maxLive;
    }

    /// <summary>A function decided by a seed.</summary>
    public static MachineFunction Make(int seed)
    {
        var random = new Random(seed);
        var maker = new RandomMachineFunction(seed, 1 + random.Next(30), 4 + random.Next(40));
        return maker.Make();
    }

    private MachineFunction Make()
    {
        _function.Reset();
        _function.AllocatableRegisters = Allocatable | Scratch;
        _function.CalleeSavedRegisters = CalleeSaved;
        _function.ClobberSets.Add(CallClobbers);
        _function.ClobberSets.Add(1u << (int)MachineRegister.Rcx);
        _function.ClobberSets.Add(Scratch);
        _function.ClobberSets.Add(Scratch & 0xFFFF);
        _current = NewBlock(0);
        AddArguments();
        AddRegion(0, null);
        AddReturn();
        Assemble();
        return _function;
    }

    private BlockDraft NewBlock(int loopDepth)
    {
        var block = new BlockDraft { Number = _blocks.Count, LoopDepth = loopDepth, IsCold = _random.Next(8) == 0 };
        _blocks.Add(block);
        return block;
    }

    private RegisterClass RandomClass() => _random.Next(10) switch
    {
        < 6 => RegisterClass.Integer,
        < 9 => RegisterClass.Float,
        _ => RegisterClass.Vector,
    };

    private int NewValue(RegisterClass registerClass) => _function.Classes.Add(registerClass);

    private void AddArguments()
    {
        var operands = new List<Operand>();
        MachineRegister[] registers = [MachineRegister.Rdi, MachineRegister.Rsi, MachineRegister.Rdx, MachineRegister.Rcx];
        foreach (MachineRegister register in registers)
        {
            if (_random.Next(2) == 0)
            {
                operands.Add(Operand.DefFixed(Keep(NewValue(RegisterClass.Integer)), register));
            }
        }

        if (_random.Next(2) == 0)
        {
            operands.Add(Operand.DefFixed(Keep(NewValue(RegisterClass.Float)), MachineRegister.Xmm0));
        }

        Add(operands);
    }

    private int Keep(int vreg)
    {
        _current.Defined.Add(vreg);
        _pendingLive.Add(vreg);
        return vreg;
    }

    private readonly List<int> _pendingLive = [];

    private void Add(List<Operand> operands, MachineInstFlags flags = MachineInstFlags.None, ushort clobbers = 0)
    {
        var inst = new MachineInst
        {
            Op = 1,
            Flags = flags,
            OperandStart = _function.Operands.Count,
            OperandCount = (byte)operands.Count,
            ClobberSet = clobbers,
            BaseOperand = MachineInst.NoOperand,
            IndexOperand = MachineInst.NoOperand,
        };
        foreach (Operand operand in operands)
        {
            _function.Operands.Add(operand);
        }

        _current.Insts.Add(inst);
        _live.AddRange(_pendingLive);
        _pendingLive.Clear();
        while (_live.Count > _maxLive)
        {
            _live.RemoveAt(_random.Next(_live.Count));
        }
    }

    // A region: straight code, ifs, loops, switches; "exits" are joins of enclosing regions that one may leave to.
    private void AddRegion(int depth, List<BlockDraft>? exits)
    {
        int parts = 1 + _random.Next(5);
        for (int part = 0; part < parts; part++)
        {
            AddStraightCode(_random.Next(12));
            if (_blocks.Count >= _maxBlocks || depth >= 5)
            {
                continue;
            }

            switch (_random.Next(4))
            {
                case 0:
                    AddBranches(depth, 2, exits);
                    break;
                case 1:
                    AddLoop(depth, exits);
                    break;
                case 2 when exits is { Count: > 0 }:
                    AddExit(exits);
                    break;
                case 3 when _random.Next(4) == 0:
                    AddBranches(depth, 3 + _random.Next(3), exits);
                    break;
            }
        }
    }

    private List<RegisterClass> RandomParameters()
    {
        var classes = new List<RegisterClass>();
        int count = _random.Next(_random.Next(4) == 0 ? 24 : 4);
        for (int i = 0; i < count; i++)
        {
            classes.Add(RandomClass());
        }

        return classes;
    }

    private int AnyValue(RegisterClass registerClass)
    {
        int start = _random.Next(Math.Max(1, _live.Count));
        for (int i = 0; i < _live.Count; i++)
        {
            int vreg = _live[(start + i) % _live.Count];
            if (_function.Classes[vreg] == registerClass)
            {
                return vreg;
            }
        }

        int constant = NewValue(registerClass);
        _pendingLive.Add(constant);
        Add([Operand.Def(constant)], _random.Next(2) == 0 ? MachineInstFlags.Rematerializable : MachineInstFlags.None);
        return constant;
    }

    private int[] Arguments(BlockDraft target)
    {
        int[] arguments = new int[target.Params.Count];
        for (int i = 0; i < arguments.Length; i++)
        {
            arguments[i] = AnyValue(_function.Classes[target.Params[i]]);
        }

        return arguments;
    }

    private BlockDraft NewJoin(int loopDepth)
    {
        BlockDraft join = NewBlock(loopDepth);
        foreach (RegisterClass registerClass in RandomParameters())
        {
            join.Params.Add(NewValue(registerClass));
        }

        return join;
    }

    private void JumpTo(BlockDraft target)
    {
        int[] arguments = Arguments(target);
        Add([], MachineInstFlags.Terminator);
        _current.Edges.Add((target, arguments));
    }

    // Several ways that meet again; each way starts in a block of its own, so no edge is critical.
    private void AddBranches(int depth, int ways, List<BlockDraft>? exits)
    {
        BlockDraft join = NewJoin(_current.LoopDepth);
        List<int> liveBefore = SplitInto(ways, out BlockDraft[] arms);
        foreach (BlockDraft arm in arms)
        {
            _current = arm;
            _live = [.. liveBefore, .. arm.Params];
            AddRegion(depth + 1, exits);
            JumpTo(join);
        }

        _current = join;
        _live = [.. liveBefore, .. join.Params];
    }

    private List<int> SplitInto(int ways, out BlockDraft[] arms)
    {
        arms = new BlockDraft[ways];
        var edges = new List<(BlockDraft, int[])>();
        for (int i = 0; i < ways; i++)
        {
            arms[i] = _random.Next(3) == 0 ? NewJoin(_current.LoopDepth) : NewBlock(_current.LoopDepth);
            edges.Add((arms[i], Arguments(arms[i])));
        }

        AddTerminatorWithUses();
        _current.Edges.AddRange(edges);
        return [.. _live];
    }

    private void AddTerminatorWithUses()
    {
        var operands = new List<Operand>();
        int count = _random.Next(3);
        for (int i = 0; i < count; i++)
        {
            operands.Add(RandomUse(AnyValue(RegisterClass.Integer)));
        }

        Add(operands, MachineInstFlags.Terminator);
    }

    private void AddLoop(int depth, List<BlockDraft>? exits)
    {
        BlockDraft header = NewJoin(_current.LoopDepth + 1);
        header.IsLoopHeader = true;
        BlockDraft after = NewJoin(_current.LoopDepth);
        JumpTo(header);
        List<int> liveBefore = [.. _live];
        _current = header;
        _live = [.. liveBefore, .. header.Params];
        AddRegion(depth + 1, [.. exits ?? [], after]);
        List<int> liveAtEnd = SplitInto(2, out BlockDraft[] ways);
        _current = ways[0];
        _live = [.. liveAtEnd, .. ways[0].Params];
        JumpTo(header);
        _current = ways[1];
        _live = [.. liveAtEnd, .. ways[1].Params];
        JumpTo(after);
        _current = after;
        _live = [.. liveBefore, .. after.Params];
    }

    private void AddExit(List<BlockDraft> exits)
    {
        BlockDraft exit = exits[_random.Next(exits.Count)];
        List<int> live = SplitInto(2, out BlockDraft[] ways);
        _current = ways[0];
        _live = [.. live, .. ways[0].Params];
        JumpTo(exit);
        _current = ways[1];
        _live = [.. live, .. ways[1].Params];
    }

    private void AddStraightCode(int count)
    {
        for (int i = 0; i < count; i++)
        {
            switch (_random.Next(12))
            {
                case 0:
                    AddCall();
                    break;
                case 1:
                    AddMove();
                    break;
                case 2:
                    AddConstant();
                    break;
                case 3:
                    AddFixed();
                    break;
                default:
                    AddPlain();
                    break;
            }
        }
    }

    private Operand RandomUse(int vreg) => _random.Next(8) switch
    {
        0 => Operand.UseLate(vreg),
        1 => Operand.Use(vreg, OperandConstraint.Any),
        2 => Operand.UseLate(vreg, OperandConstraint.Any),
        _ => Operand.Use(vreg),
    };

    private void AddPlain()
    {
        var operands = new List<Operand>();
        int uses = _random.Next(4);
        for (int i = 0; i < uses; i++)
        {
            operands.Add(RandomUse(AnyValue(RandomClass())));
        }

        int defs = _random.Next(_random.Next(4) == 0 ? 3 : 2);
        bool tied = false;
        for (int i = 0; i < defs; i++)
        {
            bool tie = !tied && uses > 0 && operands[0].Position == OperandPosition.Early && _random.Next(2) == 0;
            RegisterClass registerClass = tie ? _function.Classes[operands[0].Vreg] : RandomClass();
            int vreg = Keep(NewValue(registerClass));
            tied |= tie;
            operands.Add(tie ? Operand.DefSameAs(vreg, 0) : _random.Next(8) switch
            {
                0 => Operand.DefEarly(vreg),
                1 => Operand.Def(vreg, OperandConstraint.Any),
                _ => Operand.Def(vreg),
            });
        }

        Add(operands, MachineInstFlags.None, (ushort)(_random.Next(12) == 0 ? 2 + _random.Next(3) : 0));
    }

    private void AddMove()
    {
        RegisterClass registerClass = RandomClass();
        Operand use = RandomUse(AnyValue(registerClass));
        use.Position = OperandPosition.Early;
        int vreg = Keep(NewValue(registerClass));
        Add([use, Operand.Def(vreg, _random.Next(2) == 0 ? OperandConstraint.Any : OperandConstraint.Register)], MachineInstFlags.Move);
    }

    private void AddConstant() => Add([Operand.Def(Keep(NewValue(RandomClass())))], MachineInstFlags.Rematerializable);

    // Like a division or a shift: fixed inputs, fixed outputs, some of them in the same registers, and a plain input.
    private void AddFixed()
    {
        var operands = new List<Operand>();
        int first = AnyValue(RegisterClass.Integer);
        int second = AnyValue(RegisterClass.Integer);
        int third = AnyValue(RegisterClass.Integer);
        operands.Add(Operand.UseFixed(first, MachineRegister.Rax));
        if (_random.Next(2) == 0)
        {
            operands.Add(Operand.UseFixed(second, MachineRegister.Rdx));
        }

        operands.Add(_random.Next(2) == 0 ? Operand.UseLate(third) : RandomUse(third));
        if (_random.Next(3) == 0)
        {
            operands.Add(Operand.DefSameAs(Keep(NewValue(RegisterClass.Integer)), 0));
        }
        else
        {
            operands.Add(Operand.DefFixed(Keep(NewValue(RegisterClass.Integer)), MachineRegister.Rax));
        }

        operands.Add(Operand.DefFixed(Keep(NewValue(RegisterClass.Integer)), MachineRegister.Rdx));
        Add(operands, MachineInstFlags.None, (ushort)(_random.Next(3) == 0 ? 2 : 0));
    }

    private void AddCall()
    {
        var operands = new List<Operand>();
        MachineRegister[] integers = [MachineRegister.Rdi, MachineRegister.Rsi, MachineRegister.Rdx, MachineRegister.Rcx, MachineRegister.R8];
        int integerCount = _random.Next(integers.Length + 1);
        for (int i = 0; i < integerCount; i++)
        {
            operands.Add(Operand.UseFixed(AnyValue(RegisterClass.Integer), integers[i]));
        }

        int floatCount = _random.Next(4);
        for (int i = 0; i < floatCount; i++)
        {
            RegisterClass registerClass = _random.Next(4) == 0 ? RegisterClass.Vector : RegisterClass.Float;
            operands.Add(Operand.UseFixed(AnyValue(registerClass), (MachineRegister)((int)MachineRegister.Xmm0 + i)));
        }

        if (_random.Next(4) == 0)
        {
            operands.Add(Operand.Use(AnyValue(RegisterClass.Integer), _random.Next(2) == 0 ? OperandConstraint.Any : OperandConstraint.Register));
        }

        if (_random.Next(2) == 0)
        {
            operands.Add(Operand.DefFixed(Keep(NewValue(RegisterClass.Integer)), MachineRegister.Rax));
        }

        if (_random.Next(3) == 0)
        {
            operands.Add(Operand.DefFixed(Keep(NewValue(RegisterClass.Float)), MachineRegister.Xmm0));
        }

        Add(operands, MachineInstFlags.Call, 1);
    }

    private void AddReturn()
    {
        var operands = new List<Operand>();
        if (_random.Next(2) == 0)
        {
            operands.Add(Operand.UseFixed(AnyValue(RegisterClass.Integer), MachineRegister.Rax));
        }

        Add(operands, MachineInstFlags.Terminator);
    }

    // Loop bodies first numbered late: code order is the order of a depth-first walk, and sometimes a shuffled one.
    private void Assemble()
    {
        if (_random.Next(3) == 0)
        {
            Span<BlockDraft> rest = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_blocks)[1..];
            _random.Shuffle(rest);
        }

        for (int i = 0; i < _blocks.Count; i++)
        {
            _blocks[i].Number = i;
        }

        var predecessors = new List<int>[_blocks.Count];
        for (int i = 0; i < predecessors.Length; i++)
        {
            predecessors[i] = [];
        }

        foreach (BlockDraft block in _blocks)
        {
            foreach ((BlockDraft target, _) in block.Edges)
            {
                predecessors[target.Number].Add(block.Number);
            }
        }

        foreach (BlockDraft block in _blocks)
        {
            var record = new MachineBlock
            {
                First = _function.Insts.Count,
                LoopDepth = block.LoopDepth,
                IsLoopHeader = block.IsLoopHeader,
                IsCold = block.IsCold,
                ParamStart = _function.Lists.Count,
                ParamCount = block.Params.Count,
                SuccessorStart = _function.Edges.Count,
                SuccessorCount = block.Edges.Count,
            };
            block.Params.ForEach(parameter => _function.Lists.Add(parameter));
            record.PredecessorStart = _function.Lists.Count;
            record.PredecessorCount = predecessors[block.Number].Count;
            predecessors[block.Number].ForEach(number => _function.Lists.Add(number));
            block.Insts.ForEach(inst => _function.Insts.Add(inst));
            foreach ((BlockDraft target, int[] arguments) in block.Edges)
            {
                int start = _function.Lists.AddRange(arguments);
                _function.Edges.Add(new MachineEdge { Target = target.Number, ArgStart = start, ArgCount = arguments.Length });
            }

            record.End = _function.Insts.Count;
            _function.Blocks.Add(record);
        }
    }

    private sealed class BlockDraft
    {
        public int Number { get; set; }

        public int LoopDepth { get; init; }

        public bool IsLoopHeader { get; set; }

        public bool IsCold { get; init; }

        public List<int> Params { get; } = [];

        public List<int> Defined { get; } = [];

        public List<MachineInst> Insts { get; } = [];

        public List<(BlockDraft Target, int[] Arguments)> Edges { get; } = [];
    }
}
