using Wisp.Compiler.Ir;

namespace Wisp.Compiler.Optimization;

/// <summary>Which values stand for others from now on; applied to all uses in one walk.</summary>
internal sealed class Replacements
{
    private readonly GrowableArray<int> _targets = new();   // value + 1, or 0 for none

    public bool IsEmpty { get; private set; } = true;

    public void Reset(SsaFunction function)
    {
        _targets.Clear();
        _targets.Resize(function.Insts.Count);
        IsEmpty = true;
    }

    public void Replace(int value, int by)
    {
        _targets[value] = by + 1;
        IsEmpty = false;
    }

    /// <summary>What stands for a value in the end; shortens the chains that it follows.</summary>
    public int Resolve(int value)
    {
        int result = value;
        while (_targets[result] != 0)
        {
            result = _targets[result] - 1;
        }

        while (_targets[value] != 0)
        {
            int next = _targets[value] - 1;
            if (next != result)
            {
                _targets[value] = result + 1;
            }

            value = next;
        }

        return result;
    }

    public void Apply(SsaFunction function)
    {
        if (IsEmpty)
        {
            return;
        }

        var visitor = new Rewriter(this);
        foreach (int block in function.Order.Span)
        {
            Block b = function.Blocks[block];
            for (int i = b.First; i < b.End; i++)
            {
                OpShape.VisitUses(function, i, ref visitor);
            }
        }
    }

    private readonly struct Rewriter(Replacements owner) : IValueVisitor
    {
        public void Visit(ref int value) => value = owner.Resolve(value);
    }
}
