using Wisp.Compiler.Ir;

namespace Wisp.Compiler.Optimization;

/// <summary>Puts a block on every edge from a block with several successors to a block with several predecessors.</summary>
/// <remarks>
/// So that every edge has a place of its own where the allocator can put moves (SsaFunction 3). The new block stands right behind the
/// source; one that stays empty costs nothing, since the emitter lets branches skip it. O(edges).
/// </remarks>
internal sealed class CriticalEdges : IPass
{
    private readonly GrowableArray<int> _predecessors = new();   // per block, how many edges lead to it
    private readonly GrowableArray<int> _order = new();

    public void Run(SsaFunction function)
    {
        Count(function);
        _order.Clear();
        foreach (int block in function.Order.Span)
        {
            _order.Add(block);
            int last = function.Blocks[block].End - 1;
            int edges = OpShape.EdgeCount(function.Insts[last]);
            for (int e = 0; edges > 1 && e < edges; e++)
            {
                int edge = OpShape.EdgeOf(function.Insts[last], e);
                if (_predecessors[function.Edges[edge].Target] > 1)
                {
                    _order.Add(Split(function, edge, block, function.SourceOffsets[last]));
                }
            }
        }

        function.Order.Clear();
        function.Order.AddRange(_order.Span);
    }

    private void Count(SsaFunction function)
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

    private static int Split(SsaFunction function, int edge, int source, int sourceOffset)
    {
        int rest = function.Edges.Add(function.Edges[edge]);
        Block target = function.Blocks[function.Edges[edge].Target];
        int first = function.Insts.Add(new Inst { Op = Op.Jump, A = rest });
        function.SourceOffsets.Add(sourceOffset);
        int middle = function.Blocks.Add(new Block
        {
            First = first,
            End = first + 1,
            LoopDepth = Math.Min(target.LoopDepth, function.Blocks[source].LoopDepth),
            IsCold = target.IsCold,
        });
        function.Edges[edge] = new Edge { Target = middle };
        return middle;
    }
}
