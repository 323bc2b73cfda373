using System.Text;
using Wisp.Wasm.Binary;
using Wisp.Wasm.Text.Scripts;
using Wisp.Wasm.Validation;

namespace Wisp.Wasm.Tests.Validation;

/// <summary>Every module of the specification's suite: good ones validate, bad ones are refused in the suite's words.</summary>
public sealed class SuiteValidationTests
{
    private static readonly string Folder = Path.Combine(Suites.Folder, "testsuite");

    // The threads proposal is older than multi-memory and reference types, which made these modules valid.
    private static readonly string[] ValidSince = ["multiple memories", "multiple tables"];

    [Fact]
    public void EveryModuleIsValidExactlyWhenTheSuiteSaysSo()
    {
        if (!Directory.Exists(Folder))
        {
            Assert.Skip($"no scripts under {Folder}; set WISP_SUITES");
        }

        var faults = new StringBuilder();
        foreach (string path in Directory.EnumerateFiles(Folder, "*.wast")
            .Concat(Directory.EnumerateFiles(Path.Combine(Folder, "proposals", "threads"), "*.wast"))
            .Order(StringComparer.Ordinal))
        {
            string file = Path.GetFileName(path);
            foreach (ScriptDirective directive in ScriptReader.Read(file, File.ReadAllBytes(path)))
            {
                if (Check(directive) is { } fault)
                {
                    faults.Append(file).Append(':').Append(directive.Line).Append(": ").AppendLine(fault);
                }
            }
        }

        Assert.True(faults.Length == 0, faults.ToString());
    }

    private static string? Check(ScriptDirective directive) => directive switch
    {
        ModuleDirective module => Accepts(module.Module),
        ModuleDefinitionDirective module => Accepts(module.Module),
        AssertModuleFails { Failure: ModuleFailure.Malformed, Module.IsBinary: true } assertion =>
            Refuses<MalformedModuleException>(assertion),
        AssertModuleFails { Failure: ModuleFailure.Invalid } assertion => Refuses<InvalidModuleException>(assertion),
        AssertModuleFails { Failure: ModuleFailure.Unlinkable or ModuleFailure.Trap } assertion => Accepts(assertion.Module),
        _ => null,
    };

    private static string? Accepts(ModuleSource source)
    {
        try
        {
            ModuleValidator.Validate(ModuleDecoder.Decode(source.Encode()));
            return null;
        }
        catch (WasmException fault)
        {
            return $"refused: {fault.Message}";
        }
    }

    private static string? Refuses<TException>(AssertModuleFails assertion)
        where TException : WasmException
    {
        try
        {
            ModuleValidator.Validate(ModuleDecoder.Decode(assertion.Module.Encode()));
            return ValidSince.Contains(assertion.Message) ? null : $"accepted, wanted: {assertion.Message}";
        }
        catch (TException fault)
        {
            return fault.Message.Contains(assertion.Message, StringComparison.Ordinal)
                ? null : $"{fault.Message}; wanted: {assertion.Message}";
        }
        catch (WasmException fault)
        {
            return $"{fault.GetType().Name} {fault.Message}; wanted: {assertion.Message}";
        }
    }
}
