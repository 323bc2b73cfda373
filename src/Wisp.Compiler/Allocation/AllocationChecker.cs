using Wisp.Compiler.Machine;

namespace Wisp.Compiler.Allocation;

// Proves an allocation right without trusting the allocator: it follows which values each place holds through instructions,
// edits and edges, and demands that each use finds its value. The idea is regalloc2's checker.rs.
//
//   place     0..31 registers, 32.. spill slots (8 bytes each)
//   contents  a sorted set of values; a place may hold several that are copies of each other
//             v    the value, or its lower 8 bytes if it is a v128 in a slot
//             ~v   the upper 8 bytes of a v128, in the second unit of its slot
//
// 1. At a join a place holds what it holds on every way in (intersection, to a fixed point).
// 2. Along an edge, a place that holds an argument then also holds the parameter.
// 3. At the start of a block only live values stay: so no value of an earlier round of a loop is taken for today's.
// 4. A Move copies contents; any other definition replaces them. Clobbers lose them.

/// <summary>Checks that allocated code computes what the function over virtual registers says.</summary>
internal sealed partial class AllocationChecker
{
    private const int RegisterCount = 32;
    private const uint VectorRegisters = 0xFFFF0000;
    private const long MaxLivenessWords = 1 << 26;
    private static readonly int[] Nothing = [];

    private readonly MachineFunction _function;
    private readonly Allocation _allocation;
    private readonly Liveness _liveness = new();
    private readonly int[] _firstEdit;
    private readonly int[][]?[] _entryStates;
    private int[][] _state = [];
    private int _block;
    private int _inst;

    private AllocationChecker(MachineFunction function, Allocation allocation)
    {
        _function = function;
        _allocation = allocation;
        _firstEdit = new int[function.Insts.Count + 1];
        _entryStates = new int[function.Blocks.Count][][];
    }

    /// <summary>Checks an allocation.</summary>
    /// <exception cref="AllocationException">It is wrong; the message names the instruction, the operand and the place.</exception>
    public static void Check(MachineFunction function, Allocation allocation)
    {
        var checker = new AllocationChecker(function, allocation);
        checker.CheckShape();
        checker.Run();
    }

    private void CheckShape()
    {
        if (_allocation.Locations.Count != _function.Operands.Count)
        {
            throw Wrong($"{_allocation.Locations.Count} places for {_function.Operands.Count} operands");
        }

        if (!_liveness.TryCompute(_function, MaxLivenessWords))
        {
            throw Wrong("the function is too large to check");
        }

        int next = 0;
        for (int i = 0; i < _firstEdit.Length; i++)
        {
            _firstEdit[i] = next;
            while (next < _allocation.Edits.Count && _allocation.Edits[next].Before == i)
            {
                next++;
            }
        }

        if (next != _allocation.Edits.Count || _firstEdit[^1] != _allocation.Edits.Count)
        {
            throw Wrong($"edit {next} (before instruction {_allocation.Edits[next].Before}) is out of order");
        }
    }

    private void Run()
    {
        var pending = new Queue<int>();
        bool[] isPending = new bool[_function.Blocks.Count];
        int[][] empty = new int[RegisterCount + _allocation.SlotCount][];
        Array.Fill(empty, Nothing);
        _entryStates[0] = empty;
        pending.Enqueue(0);
        while (pending.TryDequeue(out _block))
        {
            isPending[_block] = false;
            _state = (int[][])_entryStates[_block]!.Clone();
            MachineBlock block = _function.Blocks[_block];
            for (_inst = block.First; _inst < block.End; _inst++)
            {
                ApplyEdits();
                ApplyInstruction(_function.Insts[_inst]);
            }

            for (int i = 0; i < block.SuccessorCount; i++)
            {
                MachineEdge edge = _function.Edges[block.SuccessorStart + i];
                if (FlowInto(edge) && !isPending[edge.Target])
                {
                    isPending[edge.Target] = true;
                    pending.Enqueue(edge.Target);
                }
            }
        }
    }

    /// <summary>Meets the current state, seen through an edge, with the target's.</summary>
    /// <returns>Whether the target's state changed.</returns>
    private bool FlowInto(in MachineEdge edge)
    {
        ReadOnlySpan<int> arguments = _function.Lists.Span.Slice(edge.ArgStart, edge.ArgCount);
        MachineBlock target = _function.Blocks[edge.Target];
        ReadOnlySpan<int> parameters = _function.Lists.Span.Slice(target.ParamStart, target.ParamCount);
        if (arguments.Length != parameters.Length)
        {
            throw Wrong($"the edge to block{edge.Target} has {arguments.Length} arguments for {parameters.Length} parameters");
        }

        var parametersOf = new Dictionary<int, List<int>>();
        for (int i = 0; i < arguments.Length; i++)
        {
            if (!parametersOf.TryGetValue(arguments[i], out List<int>? list))
            {
                parametersOf[arguments[i]] = list = [];
            }

            list.Add(parameters[i]);
        }

        int[][]? before = _entryStates[edge.Target];
        int[][] after = new int[_state.Length][];
        bool changed = before is null;
        for (int place = 0; place < after.Length; place++)
        {
            int[] arriving = before is { } known && known[place].Length == 0
                ? Nothing
                : Arriving(_state[place], parametersOf, edge.Target);
            after[place] = before is null ? arriving : Intersect(before[place], arriving);
            changed |= before is not null && after[place].Length != before[place].Length;
        }

        _entryStates[edge.Target] = after;
        return changed;
    }

    private int[] Arriving(int[] contents, Dictionary<int, List<int>> parametersOf, int target)
    {
        if (contents.Length == 0)
        {
            return Nothing;
        }

        var arriving = new SortedSet<int>();
        foreach (int held in contents)
        {
            bool upper = held < 0;
            int vreg = upper ? ~held : held;
            if (_liveness.IsLiveIn(target, vreg))
            {
                arriving.Add(held);
            }

            if (parametersOf.TryGetValue(vreg, out List<int>? parameters))
            {
                foreach (int parameter in parameters)
                {
                    arriving.Add(upper ? ~parameter : parameter);
                }
            }
        }

        return arriving.Count == 0 ? Nothing : [.. arriving];
    }

    private static int[] Intersect(int[] first, int[] second)
    {
        if (first.AsSpan().SequenceEqual(second))
        {
            return first;
        }

        var common = new List<int>();
        foreach (int held in first)
        {
            if (Array.BinarySearch(second, held) >= 0)
            {
                common.Add(held);
            }
        }

        return common.Count == 0 ? Nothing : [.. common];
    }

    private AllocationException Wrong(string what) =>
        new($"function {_function.Function.Index}, block{_block}, instruction {_inst}: {what}");
}
