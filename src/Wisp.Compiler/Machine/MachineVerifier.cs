using Wisp.Abi;
using Wisp.Compiler.Allocation;

namespace Wisp.Compiler.Machine;

/// <summary>Checks the invariants that MachineFunction.cs states, before allocation.</summary>
internal sealed class MachineVerifier
{
    private const uint VectorRegisters = 0xFFFF0000;
    private const long MaxLivenessWords = 1 << 26;

    private readonly MachineFunction _function;
    private readonly HashSet<int> _scratchOfTerminators = [];
    private int _block;
    private int _inst;

    private MachineVerifier(MachineFunction function) => _function = function;

    /// <summary>Checks a function.</summary>
    /// <exception cref="InvalidOperationException">An invariant is broken; the message names it and the place.</exception>
    public static void Verify(MachineFunction function)
    {
        var verifier = new MachineVerifier(function);
        verifier.CheckBlocks();
        verifier.CheckDefinitions();
        verifier.CheckEdges();
        verifier.CheckLiveness();
    }

    private void CheckBlocks()
    {
        int next = 0;
        Require(_function.Blocks.Count > 0, "there is no entry block");
        Require(_function.ClobberSets.Count > 0 && _function.ClobberSets[0] == 0, "clobber set 0 is not empty");
        Require(_function.Blocks[0].ParamCount == 0, "the entry block has parameters");
        for (_block = 0; _block < _function.Blocks.Count; _block++)
        {
            MachineBlock block = _function.Blocks[_block];
            Require(block.First == next && block.End > block.First, "blocks are not contiguous, or one is empty");
            next = block.End;
            for (_inst = block.First; _inst < block.End; _inst++)
            {
                MachineInst inst = _function.Insts[_inst];
                bool terminator = (inst.Flags & MachineInstFlags.Terminator) != 0;
                Require(terminator == (_inst == block.End - 1), "a terminator in the middle of a block, or none at its end");
                Require(!terminator || block.SuccessorCount != 1 || inst.OperandCount == 0, "a terminator with one successor has operands");
                CheckInstruction(inst);
            }
        }

        Require(next == _function.Insts.Count, "instructions behind the last block");
    }

    private void CheckInstruction(in MachineInst inst)
    {
        ReadOnlySpan<Operand> operands = _function.OperandsOf(inst);
        uint fixedUses = 0;
        uint fixedDefinitions = 0;
        for (int i = 0; i < operands.Length; i++)
        {
            Operand operand = operands[i];
            Require((uint)operand.Vreg < (uint)_function.Classes.Count, $"operand {i} names v{operand.Vreg}, which does not exist");
            if (operand.Constraint == OperandConstraint.Fixed)
            {
                CheckFixed(operands, i, ref operand.IsDef ? ref fixedDefinitions : ref fixedUses);
            }
            else if (operand.Constraint == OperandConstraint.SameAsInput)
            {
                CheckTied(operands, i);
            }
        }

        if ((inst.Flags & MachineInstFlags.Move) != 0)
        {
            Require(operands.Length == 2 && !operands[0].IsDef && operands[1].IsDef, "a move is not (use, def)");
        }

        if ((inst.Flags & (MachineInstFlags.Commutative | MachineInstFlags.PrefersTied)) != 0)
        {
            Require(operands.Length >= 2 && !operands[0].IsDef && operands[^1].IsDef, "a tie is not (use, ..., def)");
        }

        if ((inst.Flags & MachineInstFlags.Commutative) != 0)
        {
            Require(!operands[1].IsDef && operands[0].Constraint == OperandConstraint.Register && operands[0].Position == OperandPosition.Early
                && operands[1].Constraint is OperandConstraint.Register or OperandConstraint.Any
                && operands[1].Position == OperandPosition.Early
                && _function.Classes[operands[0].Vreg] == _function.Classes[operands[1].Vreg],
                "operands that may change places are not plain uses");
        }

        if ((inst.Flags & MachineInstFlags.Rematerializable) != 0)
        {
            Require(operands.Length == 1 && operands[0].IsDef && inst.ClobberSet == 0, "a constant has uses, or clobbers");
        }
    }

    private void CheckFixed(ReadOnlySpan<Operand> operands, int index, ref uint taken)
    {
        Operand operand = operands[index];
        uint bit = 1u << operand.Detail;
        bool vector = (bit & VectorRegisters) != 0;
        Require(operand.IsDef == (operand.Position == OperandPosition.Late), $"operand {index} is fixed, but not an early use or a late definition");
        Require(vector == (_function.Classes[operand.Vreg] != RegisterClass.Integer),
            $"operand {index} is fixed to {LocationText.Of((MachineRegister)operand.Detail)}, not of its class");
        Require((_function.AllocatableRegisters & bit) != 0,
            $"operand {index} is fixed to {LocationText.Of((MachineRegister)operand.Detail)}, which is not for allocation");
        if ((taken & bit) != 0)
        {
            for (int i = 0; i < index; i++)
            {
                Require(operands[i].Constraint != OperandConstraint.Fixed || operands[i].Detail != operand.Detail
                    || operands[i].IsDef != operand.IsDef || (!operand.IsDef && operands[i].Vreg == operand.Vreg),
                    $"operands {i} and {index} want {LocationText.Of((MachineRegister)operand.Detail)}");
            }
        }

        taken |= bit;
    }

    private void CheckTied(ReadOnlySpan<Operand> operands, int index)
    {
        Operand operand = operands[index];
        Require(operand.IsDef && operand.Position == OperandPosition.Late, $"operand {index} is tied, but not a late definition");
        Require(operand.Detail < operands.Length && !operands[operand.Detail].IsDef
            && operands[operand.Detail].Position == OperandPosition.Early, $"operand {index} is tied, but not to an early use");
        for (int i = 0; i < index; i++)
        {
            Require(operands[i].Constraint != OperandConstraint.SameAsInput || operands[i].Detail != operand.Detail,
                $"operands {i} and {index} are tied to the same use");
        }

        RegisterClass input = _function.Classes[operands[operand.Detail].Vreg];
        Require((input == RegisterClass.Integer) == (_function.Classes[operand.Vreg] == RegisterClass.Integer),
            $"operand {index} is tied to a use of another class");
    }

    private void CheckDefinitions()
    {
        bool[] defined = new bool[_function.Classes.Count];
        for (_block = 0; _block < _function.Blocks.Count; _block++)
        {
            MachineBlock block = _function.Blocks[_block];
            _inst = block.First;
            foreach (int parameter in _function.Lists.Span.Slice(block.ParamStart, block.ParamCount))
            {
                Define(defined, parameter);
            }

            for (_inst = block.First; _inst < block.End; _inst++)
            {
                foreach (ref readonly Operand operand in _function.OperandsOf(_function.Insts[_inst]))
                {
                    if (operand.IsDef)
                    {
                        Define(defined, operand.Vreg);
                        if (_inst == block.End - 1)
                        {
                            _scratchOfTerminators.Add(operand.Vreg);
                        }
                    }
                }
            }
        }
    }

    private void Define(bool[] defined, int vreg)
    {
        Require((uint)vreg < (uint)defined.Length, $"v{vreg} does not exist");
        Require(!defined[vreg], $"v{vreg} is defined twice");
        defined[vreg] = true;
    }

    private void CheckEdges()
    {
        int[] arrivals = new int[_function.Blocks.Count];
        for (_block = 0; _block < _function.Blocks.Count; _block++)
        {
            MachineBlock block = _function.Blocks[_block];
            _inst = block.End - 1;
            for (int i = 0; i < block.SuccessorCount; i++)
            {
                MachineEdge edge = _function.Edges[block.SuccessorStart + i];
                Require((uint)edge.Target < (uint)arrivals.Length, $"an edge to block{edge.Target}, which does not exist");
                Require(edge.Target != 0, "an edge to the entry block");
                arrivals[edge.Target]++;
                MachineBlock target = _function.Blocks[edge.Target];
                Require(edge.ArgCount == target.ParamCount, $"{edge.ArgCount} arguments for block{edge.Target}, which takes {target.ParamCount}");
                for (int k = 0; k < edge.ArgCount; k++)
                {
                    RegisterClass argument = _function.Classes[_function.Lists[edge.ArgStart + k]];
                    RegisterClass parameter = _function.Classes[_function.Lists[target.ParamStart + k]];
                    Require(argument == parameter, $"argument {k} for block{edge.Target} is {argument}, its parameter {parameter}");
                }

                int named = 0;
                foreach (int predecessor in _function.Lists.Span.Slice(target.PredecessorStart, target.PredecessorCount))
                {
                    named += predecessor == _block ? 1 : 0;
                }

                Require(named > 0, $"block{edge.Target} does not name block{_block} as a predecessor");
            }
        }

        for (_block = 0; _block < arrivals.Length; _block++)
        {
            _inst = _function.Blocks[_block].First;
            Require(arrivals[_block] == _function.Blocks[_block].PredecessorCount,
                $"{_function.Blocks[_block].PredecessorCount} predecessors, but {arrivals[_block]} edges");
        }
    }

    /// <summary>Uses are dominated by definitions, and no critical edge leads to a block that needs a value.</summary>
    private void CheckLiveness()
    {
        var liveness = new Liveness();
        if (!liveness.TryCompute(_function, MaxLivenessWords))
        {
            return;
        }

        var live = new GrowableArray<int>();
        for (_block = 0; _block < _function.Blocks.Count; _block++)
        {
            MachineBlock block = _function.Blocks[_block];
            _inst = block.First;
            live.Clear();
            liveness.AppendLiveIn(_block, live);
            Require(_block != 0 || live.Count == 0, $"v{(live.Count > 0 ? live[0] : 0)} is used where it is not defined");
            CheckOrderInBlock(liveness, block);
            for (int i = 0; block.SuccessorCount > 1 && i < block.SuccessorCount; i++)
            {
                int target = _function.Edges[block.SuccessorStart + i].Target;
                live.Clear();
                liveness.AppendLiveIn(target, live);
                bool needsMoves = live.Count > 0 || _function.Blocks[target].ParamCount > 0;
                Require(_function.Blocks[target].PredecessorCount == 1 || !needsMoves, $"the edge to block{target} is critical");
            }
        }
    }

    private void CheckOrderInBlock(Liveness liveness, in MachineBlock block)
    {
        var defined = new HashSet<int>();
        foreach (int parameter in _function.Lists.Span.Slice(block.ParamStart, block.ParamCount))
        {
            defined.Add(parameter);
        }

        for (_inst = block.First; _inst < block.End; _inst++)
        {
            ReadOnlySpan<Operand> operands = _function.OperandsOf(_function.Insts[_inst]);
            foreach (ref readonly Operand operand in operands)
            {
                Require(operand.IsDef || defined.Contains(operand.Vreg) || liveness.IsLiveIn(_block, operand.Vreg),
                    $"v{operand.Vreg} is used before its definition");
                Require(operand.IsDef || !_scratchOfTerminators.Contains(operand.Vreg),
                    $"v{operand.Vreg} is used, but a terminator defines it: that only reserves a register");
            }

            foreach (ref readonly Operand operand in operands)
            {
                if (operand.IsDef)
                {
                    defined.Add(operand.Vreg);
                }
            }
        }
    }

    private void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"function {_function.Function.Index}, block{_block}, instruction {_inst}: {what}");
        }
    }
}
