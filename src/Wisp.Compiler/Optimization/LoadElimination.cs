using System.Numerics;
using Wisp.Compiler.Ir;

namespace Wisp.Compiler.Optimization;

// What each place is known to hold: (op, address, offset, access, region) to a value, as of a version of the place's class.
//
//   store_context.i32 global0 [-144], v3          global0 [-144] holds v3 as of version 7
//   v5 = load_context.i32 global0 [-144]          is v3, and goes
//   v6 = call ...                                 every class but readonly has a new version: nothing matches
//
// 1. A write gives the class a new version; what it cannot overlap (another region of the class, or the same address with a range
//    that is apart) is carried over to that.
// 2. A narrow store into a wider place, or a load of another width, is never forwarded: only equal access and type match.
// 3. A load of linear memory goes only when a load or store of the same address and width dominates it: that one trapped where
//    this would have.
// 4. Knowledge is scoped along the dominator tree: a block begins with what its dominator knew at its end, and what a block puts
//    into the table is taken out before a block that it does not dominate. Which of it still holds, the versions say.

/// <summary>Replaces a load by the value known to be there, from an earlier load or store that dominates it.</summary>
/// <remarks>Keeps traps and their order. Two walks, O(instructions + edges).</remarks>
internal sealed partial class LoadElimination : IPass
{
    private const int TableSize = 64;   // direct mapped: a collision only forgets

    private readonly Replacements _replacements = new();
    private readonly Known[] _known = new Known[TableSize];
    private readonly ulong[] _slots = new ulong[ClassCount];   // per class, which slots may hold something of its present version
    private readonly GrowableArray<(int Block, int Undone)> _scopes = new();
    private readonly GrowableArray<(int Slot, Known Before)> _undo = new();
    private readonly int[] _logged = new int[TableSize];   // per slot, where in _undo it was put last
    private int _carries;   // how often something may still be carried over a store: as often as there are instructions

    private struct Known
    {
        public Op Base;        // Load, LoadAt or LoadContext; Nop where nothing is known
        public SsaType Type;
        public byte Access;
        public int Address;
        public long Offset;
        public int Region;
        public int Value;
        public int Version;

        public readonly bool IsSamePlace(in Known other) =>
            Base == other.Base && Address == other.Address && Offset == other.Offset && Region == other.Region;
    }

    public void Run(SsaFunction function)
    {
        _replacements.Reset(function);
        _known.AsSpan().Clear();
        _slots.AsSpan().Clear();
        _scopes.Clear();
        _undo.Clear();
        _carries = function.Insts.Count;
        BeginVersions(function);
        foreach (int block in function.Order.Span)
        {
            EnterBlock(block);
            EnterScope(block);
            WalkBlock(function, function.Blocks[block]);
            LeaveBlock(function, block);
        }

        _replacements.Apply(function);
    }

    // The scopes are a chain of dominators from the entry. If the block's own is not among them, only the entry's is left.
    private void EnterScope(int block)
    {
        while (_scopes.Count > 1 && _scopes[_scopes.Count - 1].Block != _dominators[block])
        {
            int undone = _scopes[_scopes.Count - 1].Undone;
            for (int u = _undo.Count - 1; u >= undone; u--)
            {
                (int slot, Known before) = _undo[u];
                _known[slot] = before;
                _slots[LoopWrites.ClassOf(before.Region)] |= 1ul << slot;
            }

            _undo.Resize(undone);
            _scopes.Resize(_scopes.Count - 1);
        }

        _scopes.Add((block, _undo.Count));
    }

    private void WalkBlock(SsaFunction function, in Block block)
    {
        for (int i = block.First; i < block.End; i++)
        {
            ref Inst inst = ref function.Insts[i];
            switch (OpShape.EffectOf(inst.Op))
            {
                case OpEffect.Load:
                    VisitLoad(function, i, ref inst);
                    break;
                case OpEffect.Store:
                    VisitStore(function, inst);
                    break;
                default:
                    if (LoopWrites.WritesAnything(inst))
                    {
                        Renew(LoopWrites.AllClasses);
                    }

                    break;
            }
        }
    }

    private void VisitLoad(SsaFunction function, int i, ref Inst inst)
    {
        Known place = PlaceOf(function, inst, inst.Op);
        place.Type = inst.Type;
        place.Access = inst.Flags;
        place.Value = i;
        int slot = SlotOf(place);
        ref Known known = ref _known[slot];
        if (known.IsSamePlace(place) && known.Version == place.Version && known.Type == place.Type && known.Access == place.Access)
        {
            _replacements.Replace(i, known.Value);
            inst.Op = Op.Nop;
            inst.Type = SsaType.None;
            return;
        }

        Put(slot, place);
    }

    private void VisitStore(SsaFunction function, in Inst inst)
    {
        Known place = PlaceOf(function, inst, LoadFor(inst.Op));
        place.Value = _replacements.Resolve(inst.B);
        place.Type = function.Insts[place.Value].Type;
        place.Access = inst.Flags;
        Overwrite(ref place);
        if ((MemoryAccess)inst.Flags == MemoryAccess.Full)
        {
            Put(SlotOf(place), place);
        }
    }

    private static Op LoadFor(Op store) => store switch
    {
        Op.Store => Op.Load,
        Op.StoreAt => Op.LoadAt,
        _ => Op.LoadContext,
    };

    // Type, access and value are the caller's.
    private Known PlaceOf(SsaFunction function, in Inst inst, Op load)
    {
        var place = new Known { Base = load, Region = inst.D, Offset = inst.C, Version = _versions[LoopWrites.ClassOf(inst.D)] };
        if (load == Op.LoadContext)
        {
            return place;
        }

        place.Address = _replacements.Resolve(inst.A);
        if (load == Op.Load)
        {
            place.Offset = (uint)inst.C;
            return place;
        }

        // Behind a check a constant offset is an addition, and stands on the right.
        Inst address = function.Insts[place.Address];
        if (address.Op == Op.Add && function.Insts[_replacements.Resolve(address.B)] is { Op: Op.Const } constant)
        {
            place.Address = _replacements.Resolve(address.A);
            place.Offset += (long)(((ulong)(uint)constant.B << 32) | (uint)constant.A);
        }

        return place;
    }

    // A new version for what a store writes, and for what it surely does not.
    private void Overwrite(ref Known place)
    {
        int storeClass = LoopWrites.ClassOf(place.Region);
        int version = _nextVersion++;
        ulong candidates = _slots[storeClass];
        _slots[storeClass] = 0;
        for (; candidates != 0 && _carries > 0; candidates &= candidates - 1)
        {
            int slot = BitOperations.TrailingZeroCount(candidates);
            Known known = _known[slot];
            if (known.Base != Op.Nop && LoopWrites.ClassOf(known.Region) == storeClass && known.Version == place.Version && !MayOverlap(known, place))
            {
                known.Version = version;
                Put(slot, known);
                _carries--;
            }
        }

        _versions[storeClass] = version;
        place.Version = version;
    }

    private static bool MayOverlap(in Known known, in Known store)
    {
        if (known.Region != store.Region)
        {
            return false;
        }

        // Distances wrap like addresses do, so this is exact.
        return known.Base != store.Base || known.Address != store.Address
            || (ulong)(known.Offset - store.Offset) < (ulong)BytesOf(store) || (ulong)(store.Offset - known.Offset) < (ulong)BytesOf(known);
    }

    private static int BytesOf(in Known place) => (MemoryAccess)place.Access switch
    {
        MemoryAccess.Full => place.Type switch
        {
            SsaType.I32 or SsaType.F32 => 4,
            SsaType.V128 => 16,
            _ => 8,
        },
        MemoryAccess.U8 or MemoryAccess.S8 => 1,
        MemoryAccess.U16 or MemoryAccess.S16 => 2,
        MemoryAccess.U32 or MemoryAccess.S32 => 4,
        _ => 8,
    };

    private static int SlotOf(in Known place)
    {
        uint hash = ((uint)place.Address * 0x9E3779B1) ^ ((uint)place.Offset * 0x85EBCA77) ^ ((uint)place.Region * 0xC2B2AE3D)
            ^ (uint)place.Base;
        return (int)((hash >> 20) % TableSize);
    }

    private void Put(int slot, in Known known)
    {
        // What the scope began with is enough.
        int logged = _logged[slot];
        if (logged < _scopes[_scopes.Count - 1].Undone || logged >= _undo.Count || _undo[logged].Slot != slot)
        {
            _logged[slot] = _undo.Add((slot, _known[slot]));
        }

        _known[slot] = known;
        _slots[LoopWrites.ClassOf(known.Region)] |= 1ul << slot;
    }
}
