using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;

namespace Wisp.Wasm.Validation;

/// <summary>Checks a module against the rules of validation, and learns what the compiler wants to know.</summary>
/// <remarks>
/// One walk over each function; work is proportional to the size of the module. Source:
/// <see href="https://webassembly.github.io/spec/core/valid/index.html">validation</see>.
/// </remarks>
public static class ModuleValidator
{
    // Below this, starting threads costs more than it saves.
    private const int ParallelFromBytes = 64 << 10;
    private const int FunctionsPerTurn = 16;

    /// <summary>Validates a module.</summary>
    /// <param name="module">The module.</param>
    /// <param name="maxDegreeOfParallelism">How many threads may check functions; zero or less for one per processor.</param>
    /// <returns>What was learned.</returns>
    /// <exception cref="InvalidModuleException">It breaks a rule. Of several bad functions the first is reported.</exception>
    /// <exception cref="MalformedModuleException">A function's body is malformed.</exception>
    public static ModuleFacts Validate(WasmModule module, int maxDegreeOfParallelism = 0)
    {
        try
        {
            ModuleContext context = ModuleRules.Check(module);
            FunctionFacts[] facts = CheckBodies(context, maxDegreeOfParallelism);
            return new ModuleFacts(facts, Escaping(context), Changing(context));
        }
        catch (WasmException)
        {
            BodySyntax.Check(module.Bytes.Span, module.Bodies, module.DataCount is not null);
            throw;
        }
    }

    private static FunctionFacts[] CheckBodies(ModuleContext context, int threads)
    {
        FunctionBody[] bodies = context.Module.Bodies;
        var facts = new FunctionFacts[bodies.Length];
        if (threads <= 0)
        {
            threads = Environment.ProcessorCount;
        }

        if (threads == 1 || bodies.Length == 0
            || bodies[^1].Offset + bodies[^1].Length - bodies[0].Offset < ParallelFromBytes)
        {
            var validator = new FunctionValidator(context);
            for (int i = 0; i < bodies.Length; i++)
            {
                facts[i] = validator.Validate(i);
            }

            return facts;
        }

        var turns = new Turns(context, facts);
        Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, _ => turns.Work());
        turns.ThrowFirst();
        return facts;
    }

    // Functions that are exported, declared by an element segment or a constant expression, or the start. A ref.func in a body names a
    // declared one.
    private static FuncIndex[] Escaping(ModuleContext context)
    {
        WasmModule module = context.Module;
        var escaping = new List<FuncIndex>();
        for (int i = module.ImportedFunctionCount; i < module.Functions.Length; i++)
        {
            if (context.Declared[i] || module.Start?.Index == i)
            {
                escaping.Add(new FuncIndex(i));
            }
        }

        return [.. escaping];
    }

    private static bool[] Changing(ModuleContext context)
    {
        WasmModule module = context.Module;
        bool[] changing = [.. context.Written];
        changing.AsSpan(0, module.ImportedTableCount).Fill(true);
        foreach (Export export in module.Exports)
        {
            if (export.Kind == ExternKind.Table)
            {
                changing[export.Index] = true;
            }
        }

        return changing;
    }

    /// <summary>Functions handed out to threads in order, a few at a time.</summary>
    /// <remarks>
    /// A thread stops at the first function that is past the lowest bad one. All below that are checked, so which one is reported does
    /// not depend on the threads.
    /// </remarks>
    private sealed class Turns(ModuleContext context, FunctionFacts[] facts)
    {
        private readonly Lock _lock = new();
        private int _next;
        private int _lowestBad = int.MaxValue;
        private WasmException? _fault;

        public void Work()
        {
            var validator = new FunctionValidator(context);
            while (true)
            {
                int start = Interlocked.Add(ref _next, FunctionsPerTurn) - FunctionsPerTurn;
                int end = Math.Min(start + FunctionsPerTurn, facts.Length);
                for (int i = start; i < end; i++)
                {
                    if (i > Volatile.Read(ref _lowestBad))
                    {
                        return;
                    }

                    try
                    {
                        facts[i] = validator.Validate(i);
                    }
                    catch (WasmException fault)
                    {
                        Note(i, fault);
                        return;
                    }
                }

                if (end <= start)
                {
                    return;
                }
            }
        }

        public void ThrowFirst()
        {
            if (_fault is { } fault)
            {
                throw fault;
            }
        }

        private void Note(int function, WasmException fault)
        {
            lock (_lock)
            {
                if (function < _lowestBad)
                {
                    _lowestBad = function;
                    _fault = fault;
                }
            }
        }
    }
}
