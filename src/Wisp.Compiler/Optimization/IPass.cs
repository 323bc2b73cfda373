using Wisp.Compiler.Ir;

namespace Wisp.Compiler.Optimization;

/// <summary>A pass over a function in SSA form: one idea, no options, its own scratch arrays.</summary>
internal interface IPass
{
    /// <summary>Changes the function in place; its invariants hold before and after.</summary>
    void Run(SsaFunction function);
}
