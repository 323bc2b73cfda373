using Wisp.Compiler.Translation;
using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;

namespace Wisp.Compiler.Ir;

/// <summary>Checks the invariants of SsaFunction. Runs after each pass in test builds and with WISP_VERIFY=1.</summary>
internal sealed class SsaVerifier
{
    private readonly SsaFunction _function;
    private readonly string _after;
    private readonly Dominators _dominators = new();
    private readonly Dictionary<int, int> _blockOf = [];

    private SsaVerifier(SsaFunction function, string after)
    {
        _function = function;
        _after = after;
    }

    /// <summary>Checks a function.</summary>
    /// <param name="function">The function.</param>
    /// <param name="after">What ran last, for the message.</param>
    /// <exception cref="InvalidOperationException">An invariant is broken: a defect of the compiler, never of the module.</exception>
    public static void Verify(SsaFunction function, string after) => new SsaVerifier(function, after).Run();

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

    private void CheckTypes(int i)
    {
        Inst inst = _function.Insts[i];
        switch (inst.Op)
        {
            case >= Op.Add and <= Op.RemU or >= Op.FAdd and <= Op.FCopySign:
                Require(TypeOf(inst.A) == inst.Type && TypeOf(inst.B) == inst.Type, $"v{i}: {inst.Op} of other types");
                break;
            case Op.Compare or Op.FCompare:
                Require(TypeOf(inst.A) == TypeOf(inst.B) && inst.Type == SsaType.I32, $"v{i}: {inst.Op} of two types");
                break;
            case Op.Select:
                Require(
                    TypeOf(inst.A) == SsaType.I32 && TypeOf(inst.B) == inst.Type && TypeOf(inst.C) == inst.Type,
                    $"v{i}: select of other types");
                break;
            case Op.Branch or Op.TrapIf or Op.TrapUnless or Op.BranchTable:
                Require(TypeOf(inst.A) == SsaType.I32, $"{inst.Op} at {i}: the condition is no i32");
                break;
            case Op.Load or Op.Store:
                Require(TypeOf(inst.A) == SsaType.I32, $"{inst.Op} at {i}: the address is no i32");
                break;
            case Op.LoadAt or Op.StoreAt:
                Require(TypeOf(inst.A) == SsaType.I64, $"{inst.Op} at {i}: the address is no i64");
                break;
            case Op.ZeroExtend or Op.SignExtend:
                Require(TypeOf(inst.A) == SsaType.I32 && inst.Type == SsaType.I64, $"v{i}: {inst.Op} is not from i32 to i64");
                break;
            case Op.Wrap:
                Require(TypeOf(inst.A) == SsaType.I64 && inst.Type == SsaType.I32, $"v{i}: wrap is not from i64 to i32");
                break;
            case >= Op.VectorUnary and <= Op.VectorTernary:
                CheckVector(i, inst);
                break;
            default:
                break;
        }
    }

    private void CheckVector(int i, in Inst inst)
    {
        var opcode = (Opcode)inst.D;
        OpcodeSignature signature = opcode.Signature();
        ReadOnlySpan<int> operands = [inst.A, inst.B, inst.C];
        for (int n = 0; n < signature.PopCount; n++)
        {
            Require(TypeOf(operands[n]) == FunctionTranslator.SsaTypeOf(signature.Pop(n, ValType.I32)), $"v{i}: {opcode.Text()} of other types");
        }

        Require(signature.PopCount == inst.Op - Op.VectorUnary + 1, $"v{i}: {opcode.Text()} is not {inst.Op}");
        Require(inst.Type == FunctionTranslator.SsaTypeOf(signature.Push(ValType.I32)), $"v{i}: {opcode.Text()} makes another type");
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
