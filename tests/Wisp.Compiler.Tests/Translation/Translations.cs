using Wisp.Abi;
using Wisp.Compiler.Ir;
using Wisp.Compiler.Translation;
using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;
using Wisp.Wasm.Text;
using Wisp.Wasm.Validation;

namespace Wisp.Compiler.Tests.Translation;

/// <summary>Functions of a module in SSA form, as construction leaves them: before any pass.</summary>
internal static class Translations
{
    /// <summary>The text of a module's first own function.</summary>
    public static string OfText(string wat, BoundsMode bounds = BoundsMode.Guarded) =>
        SsaPrinter.Print(Functions(WatParser.ParseModule(wat), bounds).First().Function);

    /// <summary>Every function that can be translated, verified unless asked not to; the same object again and again.</summary>
    public static IEnumerable<(int Body, SsaFunction Function)> Functions(
        byte[] wasm, BoundsMode bounds = BoundsMode.Guarded, bool verify = true)
    {
        WasmModule module = ModuleDecoder.Decode(wasm);
        ModuleFacts facts = ModuleValidator.Validate(module);
        var layout = new VmLayout(module, facts.EscapingFunctions);
        var translator = new FunctionTranslator(module, layout, ConstantTable.OfModule(module, facts), new CodeOptions(default, bounds));
        var ssa = new SsaFunction();
        for (int body = 0; body < module.Bodies.Length; body++)
        {
            try
            {
                var function = new FuncIndex(module.ImportedFunctionCount + body);
                translator.Translate(function, module.Bodies[body], facts.Functions[body], ssa);
            }
            catch (UnsupportedFeatureException)
            {
                continue;
            }

            if (verify)
            {
                SsaVerifier.Verify(ssa, "translation");
            }

            yield return (body, ssa);
        }
    }
}
