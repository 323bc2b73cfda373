using Wisp.Compiler.Ir;
using Wisp.Compiler.Optimization;

namespace Wisp.Compiler.Tests.Optimization;

public sealed class RedundantParametersTests
{
    private readonly SsaFunction _function = new();
    private readonly RedundantParameters _pass = new();

    [Fact]
    public void RemovesParameterThatIsTheSameOnEveryEdge()
    {
        // block0(v0): v1 = const; branch -> block1, block2.  Both jump to block3(v2 = v0, v3 = v1 or v0).
        int x = Param(0);
        int one = Emit(Op.Const, a: 1);
        int join = 3;
        int p = Param(join);
        int q = Param(join);
        AddBlock([x]);
        AddBlock([]);
        AddBlock([]);
        AddBlock([p, q]);
        int left = AddEdge(1);
        int right = AddEdge(2);
        int fromLeft = AddEdge(join, x, one);
        int fromRight = AddEdge(join, x, x);
        int first = _function.Insts.Count;
        Emit(Op.Branch, x, left, right);
        Place(0, first);
        Place(1, Emit(Op.Jump, fromLeft));
        Place(2, Emit(Op.Jump, fromRight));
        int sum = Emit(Op.Add, p, q);
        Emit(Op.Return, 0, _function.Lists.Add(p), 1);
        Place(3, sum);

        _pass.Run(_function);

        Assert.Equal([q], _function.Params(join).ToArray());
        Assert.Equal([one], _function.Args(_function.Edges[fromLeft]).ToArray());
        Assert.Equal([x], _function.Args(_function.Edges[fromRight]).ToArray());
        Assert.Equal((x, q), (_function.Insts[sum].A, _function.Insts[sum].B));
        Assert.Equal(0, _function.Insts[q].B);
        Assert.Equal([x], _function.List(_function.Insts[sum + 1].B, 1).ToArray());
        Assert.Equal(Op.Nop, _function.Insts[p].Op);
    }

    [Fact]
    public void RemovesLoopParameterThatOnlyComesBackItself()
    {
        int x = Param(0);
        int p = Param(1);
        int counter = Param(1);
        AddBlock([x]);
        AddBlock([p, counter]);
        AddBlock([]);
        AddBlock([]);
        int enter = AddEdge(1, x, x);
        int stay = AddEdge(2);
        int leave = AddEdge(3);
        Place(0, Emit(Op.Jump, enter));
        int next = Emit(Op.Add, counter, p);
        Emit(Op.Branch, next, stay, leave);
        int again = AddEdge(1, p, next);
        Place(1, next);
        Place(2, Emit(Op.Jump, again));
        Place(3, Emit(Op.Return));

        _pass.Run(_function);

        Assert.Equal([counter], _function.Params(1).ToArray());
        Assert.Equal([next], _function.Args(_function.Edges[again]).ToArray());
        Assert.Equal((counter, x), (_function.Insts[next].A, _function.Insts[next].B));
    }

    private int Param(int block) => Emit(Op.Param, block);

    private int Emit(Op op, int a = 0, int b = 0, int c = 0)
    {
        _function.SourceOffsets.Add(0);
        return _function.Insts.Add(new Inst { Op = op, Type = SsaType.I32, A = a, B = b, C = c });
    }

    private void AddBlock(int[] parameters)
    {
        int start = _function.Lists.AddRange(parameters);
        _function.Order.Add(_function.Blocks.Add(new Block { ParamStart = start, ParamCount = parameters.Length }));
    }

    private int AddEdge(int target, params int[] arguments) => _function.Edges.Add(
        new Edge { Target = target, ArgStart = _function.Lists.AddRange(arguments), ArgCount = arguments.Length });

    // A block's instructions are those from a first one to the last one so far.
    private void Place(int block, int first)
    {
        _function.Blocks[block].First = first;
        _function.Blocks[block].End = _function.Insts.Count;
    }
}
