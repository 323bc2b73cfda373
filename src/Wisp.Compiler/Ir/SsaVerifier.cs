using Wisp.Wasm.Model;

namespace Wisp.Compiler.Ir;

/// <summary>Checks the invariants of SsaFunction. Runs after each pass in test builds and with WISP_VERIFY=1.</summary>
internal sealed partial class SsaVerifier
{
    private readonly SsaFunction _function;
    private readonly string _after;
    private readonly WasmModule? _module;
    private readonly Dominators _dominators = new();
    private readonly Dictionary<int, int> _blockOf = [];

    private SsaVerifier(SsaFunction function, string after, WasmModule? module)
    {
        _function = function;
        _after = after;
        _module = module;
    }

    /// <summary>Checks a function.</summary>
    /// <param name="function">The function.</param>
    /// <param name="after">What ran last, for the message.</param>
    /// <param name="module">What says the types of calls and returns; without it they are not checked.</param>
    /// <exception cref="InvalidOperationException">An invariant is broken: a defect of the compiler, never of the module.</exception>
    public static void Verify(SsaFunction function, string after, WasmModule? module = null) =>
        new SsaVerifier(function, after, module).Run();

    /// <summary>Checks that no edge leads from a block with several successors to one with several predecessors (SsaFunction 3).</summary>
    /// <param name="function">A function that <see cref="Verify"/> has accepted.</param>
    public static void VerifySplitEdges(SsaFunction function)
    {
        var sources = new Dictionary<int, int>();   // how many edges lead to a block
        foreach (int block in function.Order.Span)
        {
            Inst last = function.Insts[function.Blocks[block].End - 1];
            for (int e = 0; e < OpShape.EdgeCount(last); e++)
            {
                int target = function.Edges[OpShape.EdgeOf(last, e)].Target;
                sources[target] = sources.GetValueOrDefault(target) + 1;
            }
        }

        foreach (int block in function.Order.Span)
        {
            Inst last = function.Insts[function.Blocks[block].End - 1];
            for (int e = 0; OpShape.EdgeCount(last) > 1 && e < OpShape.EdgeCount(last); e++)
            {
                int target = function.Edges[OpShape.EdgeOf(last, e)].Target;
                if (sources[target] > 1)
                {
                    throw new InvalidOperationException(
                        $"function {function.Function.Index}: the edge from block {block} to {target} is critical (SsaFunction 3)");
                }
            }
        }
    }

    private void Run()
    {
        Require(_function.Order.Count > 0 && _function.Order[0] == 0, "block 0 is not first");
        foreach (int block in _function.Order.Span)
        {
            CheckShape(block);
        }

        _dominators.Compute(_function);
        var listed = new HashSet<int>(_function.Order.Span.ToArray());
        foreach (int block in _function.Order.Span)
        {
            Require(_dominators.IsReachable(block), $"block {block} cannot be reached (SsaFunction 5)");
            foreach (int param in _function.Params(block))
            {
                Require(_function.Insts[param].Op == Op.Param && _blockOf.TryAdd(param, block), $"v{param} is not a parameter of one block");
            }

            Block b = _function.Blocks[block];
            for (int i = b.First; i < b.End; i++)
            {
                if (_function.Insts[i].Op is not (Op.Param or Op.Nop))
                {
                    Require(_blockOf.TryAdd(i, block), $"v{i} stands in two blocks");
                }
            }
        }

        foreach (int block in _function.Order.Span)
        {
            CheckUses(block, listed);
        }
    }

    private void CheckShape(int block)
    {
        Block b = _function.Blocks[block];
        Require(b.First < b.End, $"block {block} is empty");
        for (int i = b.First; i < b.End; i++)
        {
            Op op = _function.Insts[i].Op;
            Require(
                OpShape.IsTerminator(op) == (i == b.End - 1) || op is Op.Nop or Op.Param,
                $"block {block}: {op} at {i}: a terminator is the last instruction, and only it");
        }

        Require(OpShape.IsTerminator(_function.Insts[b.End - 1].Op), $"block {block} has no terminator");
    }

    private void CheckUses(int block, HashSet<int> listed)
    {
        Block b = _function.Blocks[block];
        for (int i = b.First; i < b.End; i++)
        {
            if (_function.Insts[i].Op is Op.Param or Op.Nop)
            {
                continue;
            }

            var visitor = new UseChecker(this, block, i);
            OpShape.VisitUses(_function, i, ref visitor);
            CheckTypes(i);
        }

        Inst last = _function.Insts[b.End - 1];
        for (int e = 0; e < OpShape.EdgeCount(last); e++)
        {
            Edge edge = _function.Edges[OpShape.EdgeOf(last, e)];
            Require(listed.Contains(edge.Target), $"block {block} leads to block {edge.Target}, which is not in the order");
            ReadOnlySpan<int> parameters = _function.Params(edge.Target);
            ReadOnlySpan<int> arguments = _function.Args(edge);
            Require(parameters.Length == arguments.Length, $"block {block} to {edge.Target}: {arguments.Length} arguments (SsaFunction 2)");
            for (int a = 0; a < arguments.Length; a++)
            {
                Require(
                    _function.Insts[arguments[a]].Type == _function.Insts[parameters[a]].Type,
                    $"block {block} to {edge.Target}: argument {a} is of another type (SsaFunction 2)");
            }
        }
    }

    private SsaType TypeOf(int value) => _function.Insts[value].Type;

    private void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new InvalidOperationException($"after {_after}, function {_function.Function.Index}: {message}");
        }
    }

    private readonly struct UseChecker(SsaVerifier owner, int block, int user) : IValueVisitor
    {
        public void Visit(ref int value)
        {
            int v = value;
            owner.Require(owner._blockOf.TryGetValue(v, out int definedIn), $"{user} in block {block} uses v{v}, which nothing defines");
            owner.Require(owner.TypeOf(v) != SsaType.None, $"{user} in block {block} uses v{v}, which makes no value");
            bool isParam = owner._function.Insts[v].Op == Op.Param;
            bool isBefore = definedIn == block ? isParam || v < user : owner._dominators.Dominates(definedIn, block);
            owner.Require(isBefore, $"{user} in block {block} uses v{v} of block {definedIn}, which does not dominate it (SsaFunction 1)");
        }
    }
}
