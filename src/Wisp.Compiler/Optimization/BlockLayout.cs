using Wisp.Compiler.Ir;

namespace Wisp.Compiler.Optimization;

/// <summary>Moves cold blocks, those from which every way ends in a trap, behind all others; the rest keeps its order.</summary>
/// <remarks>
/// Structured control flow gives loops that are contiguous already, so only what never runs has to leave them. Marks the blocks that
/// it moves. O(edges).
/// </remarks>
internal sealed class BlockLayout : IPass
{
    private readonly GrowableArray<int> _order = new();

    public void Run(SsaFunction function)
    {
        MarkCold(function);
        _order.Clear();
        _order.AddRange(function.Order.Span);
        function.Order.Clear();
        foreach (bool cold in (ReadOnlySpan<bool>)[false, true])
        {
            for (int i = 0; i < _order.Count; i++)
            {
                // The entry stays first, whatever becomes of it.
                if ((function.Blocks[_order[i]].IsCold && i > 0) == cold)
                {
                    function.Order.Add(_order[i]);
                }
            }
        }
    }

    // Successors come later in the order, but for loop headers, so one backward walk sees them first.
    private static void MarkCold(SsaFunction function)
    {
        for (int i = function.Order.Count - 1; i >= 0; i--)
        {
            ref Block block = ref function.Blocks[function.Order[i]];
            Inst last = function.Insts[block.End - 1];
            int edges = OpShape.EdgeCount(last);
            bool cold = last.Op == Op.Trap || edges > 0;
            for (int e = 0; e < edges; e++)
            {
                cold &= function.Blocks[function.Edges[OpShape.EdgeOf(last, e)].Target].IsCold;
            }

            block.IsCold |= cold;
        }
    }
}
