using Wisp.Wasm.Model;

namespace Wisp.Differential.Tests;

/// <summary>Calls every export of a module in Wisp, with fixed arguments.</summary>
internal static class WispRun
{
    public static Observation Observe(Engine engine, byte[] wasm)
    {
        var seen = new Observation();
        using Module module = Module.Compile(engine, wasm, "differential");
        using var store = new Store(engine);
        var linker = new Linker(engine);
        foreach (ImportDescription import in module.Imports)
        {
            if (import.Type.Function is FunctionType type)
            {
                string name = import.Name;
                linker.DefineFunction(import.Module, name, type, (ref HostCall call) =>
                    seen.Add($"{name} {Observation.Number(Argument(ref call, type))}"));
            }
        }

        Instance instance;
        try
        {
            instance = linker.Instantiate(store, module);
        }
        catch (TrapException trap)
        {
            seen.Add("start: " + trap.Kind);
            return seen;
        }

        foreach (ExportDescription export in module.Exports)
        {
            if (instance.GetFunction(export.Name) is not Function function)
            {
                continue;
            }

            seen.Add("call " + export.Name);
            Value[] arguments = function.Type.Parameters.Select((type, i) => FixedArguments.Wisp(type.Kind, i)).ToArray();
            try
            {
                foreach (Value result in function.Invoke(arguments))
                {
                    seen.Add(Observation.Number(Unbox(result)));
                }
            }
            catch (TrapException trap)
            {
                seen.Add("trap " + TrapNames.Of(trap.Kind));
            }
        }

        if (instance.GetMemory("memory") is Memory memory)
        {
            seen.Add(Observation.Hash(memory.Span));
        }

        return seen;
    }

    private static object? Argument(ref HostCall call, FunctionType type) => type.Parameters.Length == 0
        ? null
        : type.Parameters[0].Kind switch
        {
            ValueKind.I32 => call.GetInt32(0),
            ValueKind.I64 => call.GetInt64(0),
            ValueKind.F32 => call.GetSingle(0),
            ValueKind.F64 => call.GetDouble(0),
            ValueKind.V128 => call.GetValue(0).AsVector(),
            _ => null,
        };

    private static object? Unbox(Value value) => value.Type.Kind switch
    {
        ValueKind.I32 => value.AsInt32(),
        ValueKind.I64 => value.AsInt64(),
        ValueKind.F32 => value.AsSingle(),
        ValueKind.F64 => value.AsDouble(),
        ValueKind.V128 => value.AsVector(),
        _ => null,
    };
}
