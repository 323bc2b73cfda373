using Wisp.Compiler.Ir;

namespace Wisp.Compiler.Optimization;

// Within a block, what each place is known to hold: (op, address, offset, access, region) to a value.
//
//   store_context.i32 global0 [-144], v3          global0 [-144] holds v3
//   v5 = load_context.i32 global0 [-144]          is v3, and goes
//   v6 = call ...                                 forgets everything but readonly
//
// 1. A store forgets what may overlap: everything of its region in linear memory, where addresses are not compared; elsewhere
//    (context, globals, table records) only the same region, whose one place it is.
// 2. A narrow store into a wider place, or a load of another width, is never forwarded: only equal access and type match.
// 3. A load of linear memory goes only when an earlier load or store of the same address and width came before it in the block:
//    that one trapped where this would have.

/// <summary>Replaces a load by the value known to be there, from an earlier load or store in its block.</summary>
/// <remarks>
/// A block whose only predecessor came right before it in the order keeps what that one knew; every other block starts from nothing.
/// Keeps traps and their order. One walk, O(instructions).
/// </remarks>
internal sealed class LoadElimination : IPass
{
    private const int TableSize = 64;   // direct mapped: a collision only forgets

    private readonly Replacements _replacements = new();
    private readonly Known[] _known = new Known[TableSize];
    private readonly GrowableArray<int> _predecessors = new();
    private int _generation;

    private struct Known
    {
        public int Generation;
        public Op Base;        // Load, LoadAt or LoadContext
        public SsaType Type;
        public byte Access;
        public int Address;
        public int Offset;
        public int Region;
        public int Value;
    }

    public void Run(SsaFunction function)
    {
        _replacements.Reset(function);
        CountPredecessors(function);
        int previous = -1;
        foreach (int block in function.Order.Span)
        {
            if (previous < 0 || _predecessors[block] != 1 || !LeadsTo(function, previous, block))
            {
                _generation++;
            }

            WalkBlock(function, function.Blocks[block]);
            previous = block;
        }

        _replacements.Apply(function);
    }

    private static bool LeadsTo(SsaFunction function, int source, int target)
    {
        Inst last = function.Insts[function.Blocks[source].End - 1];
        for (int e = 0; e < OpShape.EdgeCount(last); e++)
        {
            if (function.Edges[OpShape.EdgeOf(last, e)].Target == target)
            {
                return true;
            }
        }

        return false;
    }

    private void CountPredecessors(SsaFunction function)
    {
        _predecessors.Clear();
        _predecessors.Resize(function.Blocks.Count);
        foreach (int block in function.Order.Span)
        {
            Inst last = function.Insts[function.Blocks[block].End - 1];
            for (int e = 0; e < OpShape.EdgeCount(last); e++)
            {
                _predecessors[function.Edges[OpShape.EdgeOf(last, e)].Target]++;
            }
        }
    }

    private void WalkBlock(SsaFunction function, in Block block)
    {
        for (int i = block.First; i < block.End; i++)
        {
            ref Inst inst = ref function.Insts[i];
            switch (OpShape.EffectOf(inst.Op))
            {
                case OpEffect.Load:
                    VisitLoad(i, ref inst);
                    break;
                case OpEffect.Store:
                    VisitStore(function, inst);
                    break;
                case OpEffect.Call when inst.Op != Op.CallResult:
                    Forget(AliasRegion.ReadOnly.Bits, keepOnly: true);
                    break;
                default:
                    break;
            }
        }
    }

    private void VisitLoad(int i, ref Inst inst)
    {
        int address = inst.Op == Op.LoadContext ? 0 : _replacements.Resolve(inst.A);
        ref Known known = ref Slot(inst.Op, address, inst.C, inst.D);
        if (known.Generation == _generation && known.Base == inst.Op && known.Type == inst.Type && known.Access == inst.Flags
            && known.Address == address && known.Offset == inst.C && known.Region == inst.D)
        {
            _replacements.Replace(i, known.Value);
            inst.Op = Op.Nop;
            inst.Type = SsaType.None;
            return;
        }

        known = new Known
        {
            Generation = _generation,
            Base = inst.Op,
            Type = inst.Type,
            Access = inst.Flags,
            Address = address,
            Offset = inst.C,
            Region = inst.D,
            Value = i,
        };
    }

    private void VisitStore(SsaFunction function, in Inst inst)
    {
        Forget(inst.D, keepOnly: false);
        if ((MemoryAccess)inst.Flags != MemoryAccess.Full)
        {
            return;
        }

        Op load = inst.Op switch
        {
            Op.Store => Op.Load,
            Op.StoreAt => Op.LoadAt,
            _ => Op.LoadContext,
        };
        int value = _replacements.Resolve(inst.B);
        int address = inst.Op == Op.StoreContext ? 0 : _replacements.Resolve(inst.A);
        Slot(load, address, inst.C, inst.D) = new Known
        {
            Generation = _generation,
            Base = load,
            Type = function.Insts[value].Type,
            Access = (byte)MemoryAccess.Full,
            Address = address,
            Offset = inst.C,
            Region = inst.D,
            Value = value,
        };
    }

    private ref Known Slot(Op op, int address, int offset, int region)
    {
        uint hash = ((uint)address * 0x9E3779B1) ^ ((uint)offset * 0x85EBCA77) ^ ((uint)region * 0xC2B2AE3D) ^ (uint)op;
        return ref _known[(hash >> 20) % TableSize];
    }

    private void Forget(int region, bool keepOnly)
    {
        foreach (ref Known known in _known.AsSpan())
        {
            if (known.Generation == _generation && (known.Region == region) != keepOnly)
            {
                known.Generation = 0;
            }
        }
    }
}
