using Wasmtime;

namespace Wisp.Differential.Tests;

/// <summary>Calls every export of a module in Wasmtime, with the same fixed arguments.</summary>
internal static class WasmtimeRun
{
    public static Observation Observe(Wasmtime.Engine engine, byte[] wasm)
    {
        var seen = new Observation();
        using Wasmtime.Module module = Wasmtime.Module.FromBytes(engine, "differential", wasm);
        using var store = new Wasmtime.Store(engine);
        using var linker = new Wasmtime.Linker(engine);
        foreach (Import import in module.Imports)
        {
            if (import is FunctionImport function)
            {
                string name = import.Name;
                linker.Define(import.ModuleName, name, Wasmtime.Function.FromCallback(
                    store,
                    (Caller _, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> _) =>
                        seen.Add($"{name} {Observation.Number(arguments.Length == 0 ? null : Unbox(arguments[0], function.Parameters[0]))}"),
                    function.Parameters,
                    function.Results));
            }
        }

        Wasmtime.Instance instance;
        try
        {
            instance = linker.Instantiate(store, module);
        }
        catch (Wasmtime.TrapException trap)
        {
            seen.Add("start: " + trap.Type);
            return seen;
        }

        foreach (Export export in module.Exports)
        {
            if (export is not FunctionExport function)
            {
                continue;
            }

            seen.Add("call " + export.Name);
            ValueBox[] arguments = function.Parameters.Select(FixedArguments.Wasmtime).ToArray();
            try
            {
                object? result = instance.GetFunction(export.Name)!.Invoke(arguments);
                foreach (object? value in result is object?[] many ? many : result is null ? [] : [result])
                {
                    seen.Add(Observation.Number(value is V128 vector ? BitConverter.ToUInt128(vector.AsSpan()) : value));
                }
            }
            catch (Wasmtime.TrapException trap)
            {
                seen.Add("trap " + TrapNames.Of(trap.Type));
            }
        }

        if (instance.GetMemory("memory") is Wasmtime.Memory memory)
        {
            seen.Add(Observation.Hash(memory.GetSpan(0, (int)memory.GetLength())));
        }

        return seen;
    }

    private static object? Unbox(ValueBox box, Wasmtime.ValueKind kind) => kind switch
    {
        Wasmtime.ValueKind.Int32 => box.AsInt32(),
        Wasmtime.ValueKind.Int64 => box.AsInt64(),
        Wasmtime.ValueKind.Float32 => box.AsSingle(),
        Wasmtime.ValueKind.Float64 => box.AsDouble(),
        Wasmtime.ValueKind.V128 => BitConverter.ToUInt128(box.AsV128().AsSpan()),
        _ => null,
    };
}
