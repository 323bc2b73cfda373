using Wisp.Compiler.Ir;

namespace Wisp.Compiler.Optimization;

/// <summary>Removes block parameters that receive one value on every edge, itself aside.</summary>
/// <remarks>
/// Such parameters come from locals that a loop or a branch might have written, but did not. Repeats while one removal makes another
/// possible, at most a few rounds; each is O(edges' arguments).
/// </remarks>
internal sealed class RedundantParameters : IPass
{
    private const int Rounds = 8;
    private const int Unknown = -1;
    private const int Several = -2;

    private readonly Replacements _replacements = new();
    private readonly GrowableArray<int> _received = new();   // per Param instruction

    public void Run(SsaFunction function)
    {
        _replacements.Reset(function);
        bool found = false;
        for (int round = 0; round < Rounds; round++)
        {
            Collect(function);
            bool again = false;
            foreach (int block in function.Order.Span)
            {
                if (block == 0)
                {
                    continue;   // the function's own parameters
                }

                foreach (int param in function.Params(block))
                {
                    if (_replacements.Resolve(param) == param && _received[param] >= 0)
                    {
                        int value = _replacements.Resolve(_received[param]);
                        if (value != param)
                        {
                            _replacements.Replace(param, value);
                            again = true;
                        }
                    }
                }
            }

            found |= again;
            if (!again)
            {
                break;
            }
        }

        if (found)
        {
            Remove(function);
            _replacements.Apply(function);
        }
    }

    private void Collect(SsaFunction function)
    {
        _received.Clear();
        _received.Resize(function.Insts.Count);
        _received.Span.Fill(Unknown);
        foreach (int block in function.Order.Span)
        {
            Inst last = function.Insts[function.Blocks[block].End - 1];
            for (int e = 0; e < OpShape.EdgeCount(last); e++)
            {
                Edge edge = function.Edges[OpShape.EdgeOf(last, e)];
                ReadOnlySpan<int> parameters = function.Params(edge.Target);
                ReadOnlySpan<int> arguments = function.Args(edge);
                for (int p = 0; p < parameters.Length; p++)
                {
                    int value = _replacements.Resolve(arguments[p]);
                    if (value != parameters[p])
                    {
                        ref int received = ref _received[parameters[p]];
                        received = received == Unknown || received == value ? value : Several;
                    }
                }
            }
        }
    }

    private void Remove(SsaFunction function)
    {
        foreach (int block in function.Order.Span)
        {
            Inst last = function.Insts[function.Blocks[block].End - 1];
            for (int e = 0; e < OpShape.EdgeCount(last); e++)
            {
                ref Edge edge = ref function.Edges[OpShape.EdgeOf(last, e)];
                ReadOnlySpan<int> parameters = function.Params(edge.Target);
                Span<int> arguments = function.Lists.Span.Slice(edge.ArgStart, edge.ArgCount);
                int kept = 0;
                for (int p = 0; p < parameters.Length; p++)
                {
                    if (_replacements.Resolve(parameters[p]) == parameters[p])
                    {
                        arguments[kept++] = arguments[p];
                    }
                }

                edge.ArgCount = kept;
            }
        }

        foreach (int block in function.Order.Span)
        {
            ref Block b = ref function.Blocks[block];
            Span<int> parameters = function.Lists.Span.Slice(b.ParamStart, b.ParamCount);
            int kept = 0;
            foreach (int param in parameters)
            {
                if (block == 0 || _replacements.Resolve(param) == param)
                {
                    function.Insts[param].B = kept;
                    parameters[kept++] = param;
                }
                else
                {
                    function.Insts[param].Op = Op.Nop;
                    function.Insts[param].Type = SsaType.None;
                }
            }

            b.ParamCount = kept;
        }
    }
}
