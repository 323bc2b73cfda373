using System.Text;
using Wisp.Wasm.Binary;
using Wisp.Wasm.Text.Scripts;

namespace Wisp.Wasm.Tests.Text;

/// <summary>Every script of the specification's suite, as far as text and decoding go.</summary>
public sealed class SuiteScriptTests
{
    private static readonly string Folder = Path.Combine(Suites.Folder, "testsuite");

    [Fact]
    public void EveryScriptIsReadAndItsModulesGetAsFarAsTheyMust()
    {
        var faults = new StringBuilder();
        foreach (string path in Files())
        {
            Check(path, faults);
        }

        Assert.True(faults.Length == 0, faults.ToString());
    }

    private static void Check(string path, StringBuilder faults)
    {
        string file = Path.GetFileName(path);
        byte[] text = File.ReadAllBytes(path);
        foreach (ScriptDirective directive in ScriptReader.Read(file, text))
        {
            string? fault = directive switch
            {
                ModuleDirective module => Load(module.Module),
                ModuleDefinitionDirective module => Load(module.Module),
                // The proposal's copy of a file of 2.0: since 3.0 such limits are a matter of validation.
                AssertModuleFails { Message: "i32 constant out of range" } when path.Contains("threads") => null,

                // Of a binary, what is malformed in a body shows when the body is validated.
                AssertModuleFails { Module.IsBinary: true } => null,
                AssertModuleFails { Failure: ModuleFailure.Malformed } assertion => Refuse(assertion),
                AssertModuleFails { Failure: ModuleFailure.MalformedCustom or ModuleFailure.InvalidCustom } => null,
                AssertModuleFails assertion => Load(assertion.Module),
                _ => null,
            };
            if (fault is not null)
            {
                faults.Append(file).Append(':').Append(directive.Line).Append(": ").AppendLine(fault);
            }
        }
    }

    private static string[] Files()
    {
        if (!Directory.Exists(Folder))
        {
            Assert.Skip($"no scripts under {Folder}; set WISP_SUITES");
        }

        return [.. Directory.EnumerateFiles(Folder, "*.wast").Order(StringComparer.Ordinal),
            .. Directory.EnumerateFiles(Path.Combine(Folder, "proposals", "threads"), "*.wast")];
    }

    private static string? Load(ModuleSource source)
    {
        try
        {
            ModuleDecoder.Decode(source.Encode());
            return null;
        }
        catch (WasmException e)
        {
            return e.Message;
        }
    }

    private static string? Refuse(AssertModuleFails assertion)
    {
        try
        {
            ModuleDecoder.Decode(assertion.Module.Encode());
            return $"accepted, wanted: {assertion.Message}";
        }
        catch (WasmException e)
        {
            return e.Message.Contains(assertion.Message, StringComparison.Ordinal)
                ? null : $"{e.Message}; wanted: {assertion.Message}";
        }
    }
}
