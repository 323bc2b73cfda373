using System.Numerics;
using Wisp.Abi;
using Wisp.Compiler.Machine;

namespace Wisp.Compiler.Allocation;

// One backward walk over each block; time is linear in the operands, whatever the control flow.
//
// 1. Between blocks every value lives in its own spill slot, which its definition fills. So blocks do not depend on each other,
//    no liveness is needed, and an edge only copies arguments to parameters, slot to slot.
// 2. Within a block the walk knows, for each register, the value that it holds *below* the current instruction. A use gives its
//    value a register from here upwards; the definition ends it.
// 3. Slots are filled at the definition only (values are in SSA form). So above a point where a value loses its register
//    (eviction, clobber) it is simply in its slot, and below that point a reload stands.
// 4. What happens between instruction i and i + 1 is, in order: stores of what i defines, moves out of fixed registers, reloads;
//    then copies into the fixed and tied registers of i + 1. Within each of these groups no move reads what another writes.
// 5. Slots of values that live in one block only are reused above their definition.
// 6. r11 and xmm15 hold no values: moves from slot to slot and cycles of moves go through them.

/// <summary>Allocates in linear time: for functions too large for <see cref="IRegisterAllocator"/>s that split, and for bring-up.</summary>
/// <remarks>Method: the reverse linear scan of regalloc2's fastalloc. Deterministic. Reuses its arrays; not thread safe.</remarks>
internal sealed partial class FastAllocator : IRegisterAllocator, IMoveScratch
{
    private const int None = -1;
    private const int RegisterCount = 32;
    private const uint VectorRegisters = 0xFFFF0000;

    private readonly ParallelMoves _parallelMoves = new();

    // Edits in the order of the walk, so reversed; Reverse() turns them at the end.
    private readonly GrowableArray<Edit> _backward = new();
    private readonly GrowableArray<Edit> _edgeMoves = new();

    // Per virtual register.
    private int[] _definingBlock = [];
    private int[] _slot = [];
    private sbyte[] _register = [];
    private bool[] _crossesBlocks = [];

    // Per register: the value that it holds below the current point, and the instruction of that value's next use.
    private readonly int[] _holds = new int[RegisterCount];
    private readonly int[] _nextUse = new int[RegisterCount];

    private readonly GrowableArray<int> _freeSlots = new();
    private readonly GrowableArray<int> _freeWideSlots = new();
    private readonly GrowableArray<int> _releasedSlots = new();
    private readonly Location[] _temporarySlots = new Location[2];

    private MachineFunction _function = null!;
    private Allocation _allocation = null!;

    /// <inheritdoc/>
    public void Allocate(MachineFunction function, Allocation allocation)
    {
        _function = function;
        _allocation = allocation;
        allocation.Reset();
        allocation.Locations.Resize(function.Operands.Count);
        allocation.Locations.Span.Fill(Location.None);
        _backward.Clear();
        _freeSlots.Clear();
        _freeWideSlots.Clear();
        _temporarySlots.AsSpan().Fill(Location.None);
        _holds.AsSpan().Fill(None);
        FindValuesThatCrossBlocks();

        for (int block = function.Blocks.Count - 1; block >= 0; block--)
        {
            AllocateBlock(block);
        }

        Span<Edit> edits = _backward.Span;
        edits.Reverse();
        allocation.Edits.AddRange(edits);
    }

    /// <inheritdoc/>
    public uint FreeRegisters(RegisterClass registerClass) =>
        MachineFunction.ScratchRegisters & (registerClass == RegisterClass.Integer ? ~VectorRegisters : VectorRegisters);

    /// <inheritdoc/>
    public Location TemporarySlot(RegisterClass registerClass)
    {
        ref Location slot = ref _temporarySlots[registerClass == RegisterClass.Vector ? 1 : 0];
        if (slot == Location.None)
        {
            slot = Location.Slot(NewSlot(registerClass));
        }

        return slot;
    }

    private void FindValuesThatCrossBlocks()
    {
        int count = _function.Classes.Count;
        if (_slot.Length < count)
        {
            int size = Math.Max(count, _slot.Length * 2);
            _definingBlock = new int[size];
            _slot = new int[size];
            _register = new sbyte[size];
            _crossesBlocks = new bool[size];
        }

        Array.Fill(_slot, None, 0, count);
        Array.Fill(_register, (sbyte)None, 0, count);
        Array.Clear(_crossesBlocks, 0, count);
        Span<MachineBlock> blocks = _function.Blocks.Span;
        Span<MachineInst> insts = _function.Insts.Span;
        for (int b = 0; b < blocks.Length; b++)
        {
            foreach (int parameter in ParametersOf(blocks[b]))
            {
                // Parameters arrive in their slots.
                _definingBlock[parameter] = b;
                _crossesBlocks[parameter] = true;
            }

            for (int i = blocks[b].First; i < blocks[b].End; i++)
            {
                foreach (ref readonly Operand operand in _function.OperandsOf(insts[i]))
                {
                    if (operand.IsDef)
                    {
                        _definingBlock[operand.Vreg] = b;
                    }
                }
            }
        }

        for (int b = 0; b < blocks.Length; b++)
        {
            for (int i = blocks[b].First; i < blocks[b].End; i++)
            {
                foreach (ref readonly Operand operand in _function.OperandsOf(insts[i]))
                {
                    _crossesBlocks[operand.Vreg] |= _definingBlock[operand.Vreg] != b;
                }
            }
        }

        foreach (ref readonly MachineEdge edge in _function.Edges.Span)
        {
            foreach (int argument in _function.Lists.Span.Slice(edge.ArgStart, edge.ArgCount))
            {
                _crossesBlocks[argument] = true;
            }
        }
    }

    private ReadOnlySpan<int> ParametersOf(in MachineBlock block) =>
        _function.Lists.Span.Slice(block.ParamStart, block.ParamCount);

    private void AllocateBlock(int number)
    {
        MachineBlock block = _function.Blocks[number];
        if (block.SuccessorCount == 1)
        {
            AddEdgeMoves(_function.Edges[block.SuccessorStart], block.End - 1, beforeJump: true);
        }

        for (int i = block.End - 1; i >= block.First; i--)
        {
            AllocateInstruction(i);
        }

        // What is still in registers came from other blocks: load it.
        for (int register = 0; register < RegisterCount; register++)
        {
            int vreg = _holds[register];
            if (vreg != None)
            {
                AddBackward(block.First, SlotOf(vreg), Location.Of((MachineRegister)register), vreg);
                Release(vreg);
            }
        }

        if (block.PredecessorCount == 1)
        {
            AddEdgeMovesOfOnlyPredecessor(number, block);
        }
    }

    private void AddEdgeMovesOfOnlyPredecessor(int number, in MachineBlock block)
    {
        MachineBlock source = _function.Blocks[_function.Lists[block.PredecessorStart]];
        if (source.SuccessorCount == 1)
        {
            return;
        }

        for (int i = 0; i < source.SuccessorCount; i++)
        {
            MachineEdge edge = _function.Edges[source.SuccessorStart + i];
            if (edge.Target == number)
            {
                AddEdgeMoves(edge, block.First, beforeJump: false);
                return;
            }
        }
    }

    private void AddEdgeMoves(in MachineEdge edge, int before, bool beforeJump)
    {
        ReadOnlySpan<int> parameters = ParametersOf(_function.Blocks[edge.Target]);
        ReadOnlySpan<int> arguments = _function.Lists.Span.Slice(edge.ArgStart, edge.ArgCount);
        for (int i = 0; i < parameters.Length; i++)
        {
            // Behind the edge the value goes by the parameter's name.
            int vreg = beforeJump ? arguments[i] : parameters[i];
            _parallelMoves.Add(SlotOf(arguments[i]), SlotOf(parameters[i]), _function.Classes[vreg], vreg);
        }

        _edgeMoves.Clear();
        _parallelMoves.Resolve(before, _edgeMoves, this);
        for (int i = _edgeMoves.Count - 1; i >= 0; i--)
        {
            _backward.Add(_edgeMoves[i]);
        }
    }

    private void AddBackward(int before, Location from, Location to, int vreg) => _backward.Add(new Edit
    {
        Before = before,
        From = from,
        To = to,
        Class = _function.Classes[vreg],
        Vreg = vreg,
    });

    private Location SlotOf(int vreg)
    {
        ref int slot = ref _slot[vreg];
        if (slot == None)
        {
            RegisterClass registerClass = _function.Classes[vreg];
            GrowableArray<int> free = registerClass == RegisterClass.Vector ? _freeWideSlots : _freeSlots;
            if (_crossesBlocks[vreg] || free.Count == 0)
            {
                slot = NewSlot(registerClass);
            }
            else
            {
                slot = free[free.Count - 1];
                free.Resize(free.Count - 1);
            }
        }

        return Location.Slot(slot);
    }

    private int NewSlot(RegisterClass registerClass)
    {
        int slot = _allocation.SlotCount;
        _allocation.SlotCount += registerClass == RegisterClass.Vector ? 2 : 1;
        return slot;
    }

    private void Hold(int register, int vreg, int inst)
    {
        _holds[register] = vreg;
        _nextUse[register] = inst;
        _register[vreg] = (sbyte)register;
        _allocation.UsedCalleeSaved |= (1u << register) & _function.CalleeSavedRegisters;
    }

    private void Release(int vreg)
    {
        _holds[_register[vreg]] = None;
        _register[vreg] = None;
    }

    private uint RegistersOf(RegisterClass registerClass) => _function.AllocatableRegisters & ~MachineFunction.ScratchRegisters
        & (registerClass == RegisterClass.Integer ? ~VectorRegisters : VectorRegisters);

    private static uint BitOf(int register) => 1u << register;

    private uint FreeRegisters()
    {
        uint free = 0;
        for (int register = 0; register < RegisterCount; register++)
        {
            if (_holds[register] == None)
            {
                free |= BitOf(register);
            }
        }

        return free;
    }

    /// <summary>A register outside of <paramref name="forbidden"/>, freed by an eviction if need be.</summary>
    private int TakeRegister(int vreg, uint forbidden, int inst)
    {
        uint candidates = RegistersOf(_function.Classes[vreg]) & ~forbidden;
        uint free = candidates & FreeRegisters();
        if (free != 0)
        {
            // A saved register costs a push and a pop, so it comes last, unless it is saved anyhow.
            uint cheap = free & (~_function.CalleeSavedRegisters | _allocation.UsedCalleeSaved);
            return BitOperations.TrailingZeroCount(cheap != 0 ? cheap : free);
        }

        int victim = None;
        for (uint rest = candidates; rest != 0; rest &= rest - 1)
        {
            int register = BitOperations.TrailingZeroCount(rest);
            if (victim == None || _nextUse[register] > _nextUse[victim])
            {
                victim = register;
            }
        }

        if (victim == None)
        {
            throw new InvalidOperationException($"no register for v{vreg} at instruction {inst}: its operands need more than there are");
        }

        Evict(victim);
        return victim;
    }
}
