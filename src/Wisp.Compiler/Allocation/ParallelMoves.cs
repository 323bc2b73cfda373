using System.Numerics;
using Wisp.Abi;
using Wisp.Compiler.Machine;

namespace Wisp.Compiler.Allocation;

// Moves that happen at once become a sequence. Targets are distinct, so each place is written by at most one move.
//
//   rax -> rcx   rcx -> rdx   slot0 -> rax        the only free target is rdx: emit rcx -> rdx, then rax -> rcx, ...
//   rax -> rcx   rcx -> rax                       a cycle: free = rcx, rcx = rax, rax = free
//
// 1. A move is emitted once nothing pending reads its target.
// 2. What is left are disjoint cycles, and each is emitted whole. It goes through a register that is free at this point; if there
//    is none, or if it contains a move from slot to slot (which needs that register itself), through a temporary slot.
// 3. Constants are made last: nothing reads their targets any more.
// 4. What goes from a slot, or from nowhere, to a slot goes through a free register too, if there is one.

/// <summary>Orders moves that happen at one point so that each reads its source before another overwrites it.</summary>
internal sealed class ParallelMoves
{
    private const int RegisterCount = 32;
    private const int NoMove = -1;
    private const uint NotAsked = uint.MaxValue;

    private readonly GrowableArray<Edit> _moves = new();
    private readonly GrowableArray<Edit> _constants = new();
    private readonly GrowableArray<int> _ready = new();

    // Per place (registers first, then slots): the pending move that writes it, and how many pending moves read it.
    private int[] _writer = new int[RegisterCount];
    private int[] _readers = new int[RegisterCount];
    private bool[] _done = new bool[16];

    // For integers and for vectors: the free registers that nothing here names.
    private readonly uint[] _free = new uint[2];

    /// <summary>Whether nothing was added since the last <see cref="Resolve"/>.</summary>
    public bool IsEmpty => _moves.Count == 0 && _constants.Count == 0;

    /// <summary>Adds a move; a move to its own source is dropped.</summary>
    public void Add(Location from, Location to, RegisterClass registerClass, int vreg)
    {
        if (from != to)
        {
            _moves.Add(new Edit { From = from, To = to, Class = registerClass, Vreg = vreg });
        }
    }

    /// <summary>Adds the repetition of a constant.</summary>
    public void AddConstant(int inst, Location to, RegisterClass registerClass, int vreg) =>
        _constants.Add(new Edit { From = Location.None, To = to, Class = registerClass, Vreg = vreg, RematerializedInst = inst });

    /// <summary>Appends the moves to <paramref name="edits"/> as a sequence, and forgets them.</summary>
    /// <param name="before">The instruction before which they stand.</param>
    /// <param name="edits">Takes the sequence.</param>
    /// <param name="scratch">Gives free registers and temporary slots to those that need one.</param>
    public void Resolve(int before, GrowableArray<Edit> edits, IMoveScratch scratch)
    {
        int start = edits.Count;
        _free.AsSpan().Fill(NotAsked);
        if (_moves.Count == 1)
        {
            edits.Add(_moves[0]);
        }
        else if (_moves.Count > 1)
        {
            Sequence(edits, scratch);
        }

        SplitSlotMoves(edits, start, scratch);

        foreach (ref readonly Edit constant in _constants.Span)
        {
            AppendConstant(constant, edits, scratch);
        }

        foreach (ref Edit edit in edits.Span[start..])
        {
            edit.Before = before;
        }

        _moves.Clear();
        _constants.Clear();
    }

    private void AppendConstant(Edit constant, GrowableArray<Edit> edits, IMoveScratch scratch)
    {
        Location through = constant.To.IsRegister ? Location.None : FreeRegister(constant.Class, scratch);
        if (through == Location.None)
        {
            edits.Add(constant);
            return;
        }

        edits.Add(constant with { To = through });
        edits.Add(new Edit { From = through, To = constant.To, Class = constant.Class, Vreg = constant.Vreg });
    }

    private void SplitSlotMoves(GrowableArray<Edit> edits, int start, IMoveScratch scratch)
    {
        int count = 0;
        foreach (ref readonly Edit edit in edits.Span[start..])
        {
            if (edit.From.IsSlot && edit.To.IsSlot && FreeRegister(edit.Class, scratch) != Location.None)
            {
                count++;
            }
        }

        int from = edits.Count - 1;
        edits.Resize(edits.Count + count);
        for (int to = edits.Count - 1; to != from; from--)
        {
            Edit edit = edits[from];
            Location through = edit.From.IsSlot && edit.To.IsSlot ? FreeRegister(edit.Class, scratch) : Location.None;
            if (through == Location.None)
            {
                edits[to--] = edit;
                continue;
            }

            edits[to--] = edit with { From = through };
            edits[to--] = edit with { To = through };
        }
    }

    /// <summary>A register of a class that is free and that no move at this point names; None if there is none.</summary>
    private Location FreeRegister(RegisterClass registerClass, IMoveScratch scratch)
    {
        ref uint free = ref _free[registerClass == RegisterClass.Integer ? 0 : 1];
        if (free == NotAsked)
        {
            free = scratch.FreeRegisters(registerClass);
            foreach (ref readonly Edit move in _moves.Span)
            {
                free &= ~(BitOf(move.From) | BitOf(move.To));
            }

            foreach (ref readonly Edit constant in _constants.Span)
            {
                free &= ~BitOf(constant.To);
            }
        }

        return free == 0 ? Location.None : Location.Of((MachineRegister)BitOperations.TrailingZeroCount(free));
    }

    private static uint BitOf(Location location) => location.IsRegister ? 1u << location.Bits : 0;

    private static int PlaceOf(Location location) =>
        location.IsRegister ? location.Bits : RegisterCount + location.SlotNumber;

    private void Sequence(GrowableArray<Edit> edits, IMoveScratch scratch)
    {
        Span<Edit> moves = _moves.Span;
        Prepare(moves);
        for (int i = 0; i < moves.Length; i++)
        {
            if (!_done[i] && _readers[PlaceOf(moves[i].To)] == 0)
            {
                _ready.Add(i);
            }
        }

        EmitReady(moves, edits);
        for (int i = 0; i < moves.Length; i++)
        {
            if (!_done[i])
            {
                BreakCycle(moves, i, edits, scratch);
            }
        }
    }

    private void Prepare(Span<Edit> moves)
    {
        int places = RegisterCount;
        foreach (ref readonly Edit move in moves)
        {
            places = Math.Max(places, Math.Max(PlaceOf(move.From), PlaceOf(move.To)) + 1);
        }

        if (_writer.Length < places)
        {
            Array.Resize(ref _writer, places * 2);
            Array.Resize(ref _readers, places * 2);
        }

        if (_done.Length < moves.Length)
        {
            _done = new bool[moves.Length * 2];
        }

        Array.Clear(_done, 0, moves.Length);
        foreach (ref readonly Edit move in moves)
        {
            _writer[PlaceOf(move.From)] = NoMove;
            _readers[PlaceOf(move.From)] = 0;
            _writer[PlaceOf(move.To)] = NoMove;
            _readers[PlaceOf(move.To)] = 0;
        }

        for (int i = 0; i < moves.Length; i++)
        {
            ref int writer = ref _writer[PlaceOf(moves[i].To)];
            if (writer != NoMove && moves[writer].Vreg == moves[i].Vreg)
            {
                _done[i] = true;   // the same value, asked for twice
                continue;
            }

            if (writer != NoMove)
            {
                throw new InvalidOperationException(
                    $"two moves at one point write {LocationText.Of(moves[i].To)}: v{moves[writer].Vreg} and v{moves[i].Vreg}");
            }

            writer = i;
            _readers[PlaceOf(moves[i].From)]++;
        }
    }

    private void EmitReady(Span<Edit> moves, GrowableArray<Edit> edits)
    {
        while (_ready.Count > 0)
        {
            int index = _ready[_ready.Count - 1];
            _ready.Resize(_ready.Count - 1);
            edits.Add(moves[index]);
            _done[index] = true;
            int source = PlaceOf(moves[index].From);
            if (--_readers[source] == 0 && _writer[source] != NoMove && !_done[_writer[source]])
            {
                _ready.Add(_writer[source]);
            }
        }
    }

    private void BreakCycle(Span<Edit> moves, int first, GrowableArray<Edit> edits, IMoveScratch scratch)
    {
        bool hasSlotToSlot = false;
        int index = first;
        do
        {
            hasSlotToSlot |= moves[index].From.IsSlot && moves[index].To.IsSlot;
            index = _writer[PlaceOf(moves[index].From)];
        }
        while (index != first);

        // The first move's target is the last one's source: keep it aside, and let the last one read it from there.
        ref Edit reader = ref moves[FindReader(moves, first, moves[first].To)];
        Location aside = hasSlotToSlot ? Location.None : FreeRegister(reader.Class, scratch);
        aside = aside == Location.None ? scratch.TemporarySlot(reader.Class) : aside;
        edits.Add(new Edit { From = reader.From, To = aside, Class = reader.Class, Vreg = reader.Vreg });
        reader.From = aside;

        index = first;
        while (!_done[index])
        {
            edits.Add(moves[index]);
            _done[index] = true;
            if (moves[index].From == aside)
            {
                break;
            }

            index = _writer[PlaceOf(moves[index].From)];
        }
    }

    private int FindReader(Span<Edit> moves, int first, Location place)
    {
        int index = first;
        while (moves[index].From != place)
        {
            index = _writer[PlaceOf(moves[index].From)];
        }

        return index;
    }
}
