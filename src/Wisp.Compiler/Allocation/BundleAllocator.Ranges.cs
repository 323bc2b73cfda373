using System.Numerics;
using Wisp.Compiler.Machine;

namespace Wisp.Compiler.Allocation;

// One backward walk over the code makes live ranges, uses, reservations, and the list of bundles that would like to be one.
internal sealed partial class BundleAllocator
{
    private const int MaxWeightedDepth = 6;
    private const float ColdFrequency = 0.01f;
    private const float UseWeight = 1.5f;            // a reload is waited for
    private const float DefinitionWeight = 1f;       // a store is not
    private const float MemoryOperandWeight = 0.6f;  // operands that may be slots, or are copied anyhow
    private const float ConstantWeight = 0.4f;       // of values that are made again instead of being reloaded

    private readonly GrowableArray<ValueUse> _uses = new();
    private readonly GrowableArray<MergeCandidate> _mergeCandidates = new();
    private readonly GrowableArray<int> _fixedOrTied = new();

    // Per position, and per block.
    private int[] _blockAt = [];
    private float[] _frequency = [];

    // Per virtual register.
    private int[] _firstRange = [];
    private int[] _usesFrom = [];
    private int[] _usesTo = [];
    private int[] _definitionPoint = [];
    private int[] _constantInst = [];
    private sbyte[] _definitionRegister = [];
    private bool[] _isParameter = [];

    private int _blockStart;

    private void BuildRanges()
    {
        PrepareArrays();
        for (int block = _function.Blocks.Count - 1; block >= 0; block--)
        {
            BuildBlock(block);
        }

        _reservations.SortAscending();
        int vregs = _function.Classes.Count;
        for (int vreg = 0; vreg < vregs; vreg++)
        {
            GiveUsesToRanges(vreg);
        }

        _budget = 100_000 + (400L * (_function.Insts.Count + _ranges.Count + _function.Lists.Count));
    }

    private void PrepareArrays()
    {
        int vregs = _function.Classes.Count;
        if (_firstRange.Length < vregs + 1)
        {
            int size = Math.Max(vregs + 1, _firstRange.Length * 2);
            _firstRange = new int[size];
            _usesFrom = new int[size];
            _usesTo = new int[size];
            _definitionPoint = new int[size];
            _constantInst = new int[size];
            _definitionRegister = new sbyte[size];
            _isParameter = new bool[size];
        }

        Array.Fill(_firstRange, None, 0, vregs);
        Array.Fill(_definitionPoint, None, 0, vregs);
        Array.Fill(_constantInst, None, 0, vregs);
        Array.Fill(_definitionRegister, NoRegister, 0, vregs);
        Array.Clear(_isParameter, 0, vregs);
        _mergeCandidates.Clear();
        _fixedOrTied.Clear();

        // Uses of one value are one run; it is filled from its end, as the walk goes backwards.
        Array.Clear(_usesTo, 0, vregs);
        foreach (ref readonly Operand operand in _function.Operands.Span)
        {
            _usesTo[operand.Vreg]++;
        }

        int total = 0;
        for (int vreg = 0; vreg < vregs; vreg++)
        {
            total += _usesTo[vreg];
            _usesTo[vreg] = total;
            _usesFrom[vreg] = total;
        }

        _uses.Clear();
        _uses.Resize(total);
        PrepareBlocks();
    }

    private void PrepareBlocks()
    {
        int positions = _function.Insts.Count + _function.Blocks.Count;
        if (_blockAt.Length < positions)
        {
            _blockAt = new int[Math.Max(positions, _blockAt.Length * 2)];
        }

        if (_frequency.Length < _function.Blocks.Count)
        {
            _frequency = new float[Math.Max(_function.Blocks.Count, _frequency.Length * 2)];
        }

        Span<MachineBlock> blocks = _function.Blocks.Span;
        for (int b = 0; b < blocks.Length; b++)
        {
            _blockAt.AsSpan(blocks[b].First + b, blocks[b].End - blocks[b].First + 1).Fill(b);
            float frequency = 1;
            for (int depth = Math.Min(blocks[b].LoopDepth, MaxWeightedDepth); depth > 0; depth--)
            {
                frequency *= 10;
            }

            foreach (int parameter in _function.Lists.Span.Slice(blocks[b].ParamStart, blocks[b].ParamCount))
            {
                _isParameter[parameter] = true;
            }

            _frequency[b] = blocks[b].IsCold ? frequency * ColdFrequency : frequency;
        }
    }

    private int StartOf(int block) => 2 * (_function.Blocks[block].First + block);

    private int EndOf(int block) => 2 * (_function.Blocks[block].End + block + 1);

    /// <summary>The point before a block's last instruction.</summary>
    private int LastPointOf(int block) => EndOf(block) - 2;

    private int BlockAt(int point) => _blockAt[Math.Min(point >> 1, _function.Insts.Count + _function.Blocks.Count - 1)];

    /// <summary>The instruction at a point that is not a block's start.</summary>
    private int InstAt(int point) => (point >> 1) - BlockAt(point) - 1;

    private void BuildBlock(int number)
    {
        MachineBlock block = _function.Blocks[number];
        _blockStart = StartOf(number);
        AddLiveAtEnd(number, block);
        for (int i = block.End - 1; i >= block.First; i--)
        {
            BuildInstruction(i, i + number + 1, _frequency[number]);
        }

        foreach (int parameter in _function.Lists.Span.Slice(block.ParamStart, block.ParamCount))
        {
            StartAt(parameter, _blockStart, None);
        }

        AddCandidatesOfJumps(block);
    }

    private void AddLiveAtEnd(int number, in MachineBlock block)
    {
        int end = EndOf(number);
        foreach (ref readonly MachineEdge edge in _function.Edges.Span.Slice(block.SuccessorStart, block.SuccessorCount))
        {
            ReadOnlySpan<int> arguments = _function.Lists.Span.Slice(edge.ArgStart, edge.ArgCount);
            int parameters = _function.Blocks[edge.Target].ParamStart;
            for (int i = 0; i < arguments.Length; i++)
            {
                AddLive(arguments[i], end);
                if (block.SuccessorCount > 1)
                {
                    _mergeCandidates.Add(new MergeCandidate(_frequency[number], arguments[i], _function.Lists[parameters + i]));
                }
            }

            Span<ulong> row = _liveness.LiveIn(edge.Target);
            for (int w = 0; w < row.Length; w++)
            {
                for (ulong bits = row[w]; bits != 0; bits &= bits - 1)
                {
                    AddLive(_liveness.VregOf((w << 6) + BitOperations.TrailingZeroCount(bits)), end);
                }
            }
        }
    }

    /// <summary>Makes a value live from the start of the block to a point; a definition found later cuts that short.</summary>
    private void AddLive(int vreg, int to)
    {
        int first = _firstRange[vreg];
        if (first != None && _ranges[first].From <= to)
        {
            _ranges[first].From = _blockStart;
            _ranges[first].To = Math.Max(_ranges[first].To, to);
            return;
        }

        _firstRange[vreg] = NewRange(vreg, _blockStart, to, first);
    }

    private int NewRange(int vreg, int from, int to, int next) =>
        _ranges.Add(new LiveRange { From = from, To = to, Vreg = vreg, Bundle = None, Next = next });

    /// <summary>Ends the backward life of a value at its definition.</summary>
    private void StartAt(int vreg, int point, int deadEnd)
    {
        _definitionPoint[vreg] = point;
        int first = _firstRange[vreg];
        if (first == None || _ranges[first].From != _blockStart)
        {
            if (deadEnd != None)
            {
                _firstRange[vreg] = NewRange(vreg, point, deadEnd, first);
            }

            return;
        }

        ref LiveRange range = ref _ranges[first];
        if (range.To <= point)
        {
            // Only copied from its fixed register by the very next instruction: it needs no place of its own.
            range.Vreg = None;
            _firstRange[vreg] = range.Next;
            return;
        }

        range.From = point;
        for (int use = _usesFrom[vreg]; use < _usesTo[vreg] && _uses[use].Point < point; use++)
        {
            _uses[use].Point = point;
        }
    }

    private void BuildInstruction(int number, int position, float frequency)
    {
        ref MachineInst inst = ref _function.Insts[number];
        if ((inst.Flags & MachineInstFlags.Commutative) != 0)
        {
            TieValueThatEnds(inst);
        }

        ReadOnlySpan<Operand> operands = _function.OperandsOf(inst);
        uint late = _function.ClobbersOf(inst);
        uint early = late & MachineFunction.ScratchRegisters;
        bool special = false;
        for (int k = 0; k < operands.Length; k++)
        {
            Operand operand = operands[k];
            special |= operand.Constraint is OperandConstraint.Fixed or OperandConstraint.SameAsInput;
            if (operand.IsDef)
            {
                late |= BuildDefinition(inst, operands, k, position, frequency);
            }
        }

        if (late != 0)
        {
            _reservations.AddDescending((2 * position) + 1, late);
        }

        BuildUses(inst, operands, position, frequency, special, ref early);
        if (early != 0)
        {
            _reservations.AddDescending(2 * position, early);
        }

        if (special)
        {
            _fixedOrTied.Add(position);
        }

        if ((inst.Flags & (MachineInstFlags.Move | MachineInstFlags.PrefersTied)) != 0)
        {
            _mergeCandidates.Add(new MergeCandidate(frequency, operands[0].Vreg, operands[^1].Vreg));
        }
    }

    /// <summary>Puts the operand first that the result may take over: one that ends here, or else what a loop carries.</summary>
    private void TieValueThatEnds(in MachineInst inst)
    {
        ref int first = ref _function.Operands[inst.OperandStart].Vreg;
        ref int second = ref _function.Operands[inst.OperandStart + 1].Vreg;
        bool firstEnds = !IsLive(first);
        bool secondEnds = !IsLive(second);
        if (secondEnds && (!firstEnds || (_isParameter[second] && !_isParameter[first])))
        {
            (first, second) = (second, first);
        }
    }

    private bool IsLive(int vreg) => _firstRange[vreg] is >= 0 and var range && _ranges[range].From == _blockStart;

    /// <returns>The bit of the register that is given, if one is.</returns>
    private uint BuildDefinition(in MachineInst inst, ReadOnlySpan<Operand> operands, int index, int position, float frequency)
    {
        Operand operand = operands[index];
        bool tied = operand.Constraint == OperandConstraint.SameAsInput;
        Operand given = tied ? operands[operand.Detail] : operand;
        var use = new ValueUse { Position = position, Operand = inst.OperandStart + index, Hint = NoRegister };
        bool constant = (inst.Flags & MachineInstFlags.Rematerializable) != 0;
        if (constant)
        {
            _constantInst[operand.Vreg] = InstAt(2 * position);
        }

        uint fixedRegister = 0;
        if (given.Constraint == OperandConstraint.Fixed)
        {
            fixedRegister = 1u << given.Detail;
            _definitionRegister[operand.Vreg] = (sbyte)given.Detail;
            use.Kind = UseKind.CopiedDefinition;
            use.Hint = (sbyte)given.Detail;
            use.Point = (2 * position) + 2;
            use.Weight = frequency * MemoryOperandWeight;
            StartAt(operand.Vreg, use.Point, None);
        }
        else
        {
            bool isEarly = tied || operand.Position == OperandPosition.Early;
            use.Kind = isEarly ? UseKind.EarlyDefinition : UseKind.LateDefinition;
            use.Point = (2 * position) + (isEarly ? 0 : 1);
            use.NeedsRegister = operand.Constraint != OperandConstraint.Any || constant;
            use.Weight = frequency * (use.NeedsRegister ? DefinitionWeight : MemoryOperandWeight);
            StartAt(operand.Vreg, use.Point, (2 * position) + 2);
            if (tied)
            {
                _mergeCandidates.Add(new MergeCandidate(frequency, given.Vreg, operand.Vreg));
            }
        }

        AddUse(operand.Vreg, use);
        return fixedRegister;
    }

    private void BuildUses(
        in MachineInst inst, ReadOnlySpan<Operand> operands, int position, float frequency, bool special, ref uint early)
    {
        for (int k = 0; k < operands.Length; k++)
        {
            Operand operand = operands[k];
            if (!operand.IsDef && operand.Constraint != OperandConstraint.Fixed && !(special && ReadsCopy(operands, k)))
            {
                bool isLate = operand.Position == OperandPosition.Late;
                AddLive(operand.Vreg, (2 * position) + (isLate ? 2 : 1));
                bool needsRegister = operand.Constraint != OperandConstraint.Any;
                AddUse(operand.Vreg, new ValueUse
                {
                    Point = 2 * position,
                    Position = position,
                    Operand = inst.OperandStart + k,
                    Kind = isLate ? UseKind.LateUse : UseKind.EarlyUse,
                    NeedsRegister = needsRegister,
                    Weight = frequency * (needsRegister ? UseWeight : MemoryOperandWeight),
                    Hint = NoRegister,
                });
            }
        }

        for (int k = 0; special && k < operands.Length; k++)
        {
            Operand operand = operands[k];
            bool isFixed = operand.Constraint == OperandConstraint.Fixed;
            if (operand.IsDef || (!isFixed && !ReadsCopy(operands, k)))
            {
                continue;
            }

            if (isFixed)
            {
                early |= 1u << operand.Detail;
                _reservations.AddOwner(operand.Vreg, operand.Detail);
            }

            AddLive(operand.Vreg, 2 * position);
            AddUse(operand.Vreg, new ValueUse
            {
                Point = (2 * position) - 1,
                Position = position,
                Operand = inst.OperandStart + k,
                Kind = UseKind.CopiedUse,
                Weight = frequency * MemoryOperandWeight,
                Hint = isFixed ? (sbyte)operand.Detail : NoRegister,
            });
        }
    }

    /// <summary>Whether a use that is not fixed reads the copy made for a fixed or tied use of the same value, its own or another.</summary>
    private static bool ReadsCopy(ReadOnlySpan<Operand> operands, int index)
    {
        Operand operand = operands[index];
        if (operand.Position == OperandPosition.Late)
        {
            return false;
        }

        foreach (ref readonly Operand other in operands)
        {
            bool copied = other.IsDef
                ? other.Constraint == OperandConstraint.SameAsInput && operands[other.Detail].Vreg == operand.Vreg
                : other.Constraint == OperandConstraint.Fixed && other.Vreg == operand.Vreg;
            if (copied)
            {
                return true;
            }
        }

        return false;
    }

    private void AddUse(int vreg, in ValueUse use) => _uses[--_usesFrom[vreg]] = use;

    private void GiveUsesToRanges(int vreg)
    {
        int use = _usesFrom[vreg];
        int end = _usesTo[vreg];
        bool constant = _constantInst[vreg] != None;
        for (int i = use; constant && i < end; i++)
        {
            // A constant in no place cannot be an operand in memory.
            _uses[i].NeedsRegister |= _uses[i].Kind < UseKind.CopiedUse;
            _uses[i].Weight *= ConstantWeight;
        }

        for (int r = _firstRange[vreg]; r != None; r = _ranges[r].Next)
        {
            ref LiveRange range = ref _ranges[r];
            range.FirstUse = use;
            while (use < end && _uses[use].Point < range.To)
            {
                use++;
            }

            range.UseCount = use - range.FirstUse;
        }
    }

    /// <summary>Two values that should share a place, and how often a copy between them would run.</summary>
    private readonly record struct MergeCandidate(float Frequency, int First, int Second);
}
