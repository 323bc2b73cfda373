using Wisp.Compiler.Ir;

namespace Wisp.Compiler.Translation;

/// <summary>
/// The pure values that dominate the place where construction is now. Constructs nest like dominators, so a mark taken when one
/// opens, and returned to when it ends, is all the scoping there is.
/// </summary>
internal sealed class ValueTable
{
    private const int Slots = 4096;   // direct mapped: a collision loses a chance, never correctness
    private const int Empty = -1;

    private readonly int[] _values = new int[Slots];
    private readonly GrowableArray<(int Slot, int Before)> _undo = new();

    public ValueTable() => _values.AsSpan().Fill(Empty);

    /// <summary>The state to return to when the construct that opens here ends.</summary>
    public int Mark => _undo.Count;

    public void ReturnTo(int mark)
    {
        for (int i = _undo.Count - 1; i >= mark; i--)
        {
            (int slot, int before) = _undo[i];
            _values[slot] = before;
        }

        _undo.Resize(mark);
    }

    /// <summary>An equal value that dominates this place, or -1.</summary>
    public int Find(SsaFunction function, in Inst inst)
    {
        int value = _values[SlotOf(inst)];
        if (value == Empty)
        {
            return Empty;
        }

        ref Inst known = ref function.Insts[value];
        bool equal = known.Op == inst.Op && known.Type == inst.Type && known.Flags == inst.Flags
            && known.A == inst.A && known.B == inst.B && known.C == inst.C && known.D == inst.D;
        return equal ? value : Empty;
    }

    public void Add(in Inst inst, int value)
    {
        int slot = SlotOf(inst);
        _undo.Add((slot, _values[slot]));
        _values[slot] = value;
    }

    private static int SlotOf(in Inst inst)
    {
        uint hash = ((uint)inst.Op * 31) + ((uint)inst.Type * 7) + inst.Flags;
        hash = (hash * 0x9E3779B1) ^ (uint)inst.A;
        hash = (hash * 0x85EBCA77) ^ (uint)inst.B;
        hash = (hash * 0xC2B2AE3D) ^ (uint)inst.C ^ ((uint)inst.D << 7);
        return (int)((hash * 0x9E3779B1) >> 20);
    }
}
