using System.Globalization;
using Wisp.Wasm.Model;

namespace Wisp.Compiler;

/// <summary>A function of a valid module would take more time or memory to compile than the compiler gives one function.</summary>
public sealed class CompileBudgetException : CompileException
{
    internal CompileBudgetException(FuncIndex function, string what, int limit)
        : base(string.Create(CultureInfo.InvariantCulture, $"function {function.Index} is too large to compile: more than {limit} {what}"))
    {
    }
}
