using System.Runtime.CompilerServices;
using Wisp.Abi;
using Wisp.Compiler.Ir;
using Wisp.Compiler.Machine;
using Wisp.Compiler.X64;
using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;
using Wisp.Wasm.Text;

namespace Wisp.Compiler.Tests.Selection;

/// <summary>Selects instructions for a function given as SSA text, and compares them as machine text.</summary>
internal static class Selections
{
    private static readonly WasmModule Module = ModuleDecoder.Decode(WatParser.ParseModule("(module (func))"));

    public static void Check(
        string text, string into, CpuFeatures features = CpuFeatures.None,
        [CallerFilePath] string file = "", [CallerMemberName] string test = "") =>
        GoldenText.Check(into, Select(text, features), file, test);

    /// <summary>The instructions, without the ones for arguments and the return.</summary>
    public static string Select(string text, CpuFeatures features)
    {
        SsaFunction function = SsaParser.Parse(text);
        function.Type = TypeOf(function);
        SsaVerifier.Verify(function, "parsing");
        var machine = new MachineFunction();
        new X64Selector().Select(function, machine, Module, new VmLayout(Module, []), features);
        MachineVerifier.Verify(machine);
        IEnumerable<string> lines = MachinePrinter.Print(machine, new X64OpNames()).TrimEnd('\n').Split('\n')
            .Where(line => !line.Contains(" Arguments ", StringComparison.Ordinal));
        return string.Join('\n', lines);
    }

    private static FunctionType TypeOf(SsaFunction function)
    {
        ValType[] results = [];
        foreach (Inst inst in function.Insts.Span)
        {
            if (inst.Op == Op.Return)
            {
                results = Types(function, function.List(inst.B, inst.C));
            }
        }

        return new FunctionType(Types(function, function.Params(0)), results);
    }

    private static ValType[] Types(SsaFunction function, ReadOnlySpan<int> values)
    {
        var types = new ValType[values.Length];
        for (int i = 0; i < types.Length; i++)
        {
            types[i] = function.Insts[values[i]].Type switch
            {
                SsaType.I32 => ValType.I32,
                SsaType.I64 => ValType.I64,
                SsaType.F32 => ValType.F32,
                SsaType.V128 => ValType.V128,
                _ => ValType.F64,
            };
        }

        return types;
    }
}
