using System.CommandLine;
using Wisp.Abi.Images;
using Wisp.Cli.Inspection;
using Wisp.Cli.Loading;
using Wisp.Wasm;
using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;
using Wisp.Wasm.Text;

namespace Wisp.Cli.Commands;

/// <summary><c>wisp inspect</c>: what is in a module, without running it.</summary>
internal static class InspectCommand
{
    public static Command Create()
    {
        var path = new Argument<string>("module") { Description = "A .wasm, .wat or .wisp file." };
        var wat = new Option<bool>("--wat") { Description = "Print the module in the text format." };
        var command = new CommandWithExamples(
            "inspect",
            "Show a module's imports, exports, memories, and the permissions that it will ask for.",
            """
            wisp inspect app.wasm
            wisp inspect app.wasm --wat > app.wat
            """)
        {
            path, wat,
        };
        command.SetAction(parsed =>
        {
            TextWriter output = parsed.InvocationConfiguration.Output;
            ModuleFile file = ModuleFile.Read(parsed.GetRequiredValue(path));
            try
            {
                Inspect(file, parsed.GetValue(wat), output);
            }
            catch (WasmException exception)
            {
                throw file.Fault(exception);
            }

            output.Flush();
            return ExitCode.Success;
        });
        return command;
    }

    private static void Inspect(ModuleFile file, bool asText, TextWriter output)
    {
        if (!file.IsImage)
        {
            WasmModule module = ModuleDecoder.Decode(file.Bytes);
            if (asText)
            {
                WatPrinter.Print(module, output);
            }
            else
            {
                new ModuleSummary(module, file.Path, output).Print();
            }

            return;
        }

        if (asText)
        {
            throw CommandException.Failed($"{file.Path}: is an image, which keeps no WebAssembly code to print");
        }

        CodeImage image = CodeImage.Read(file.Bytes, file.Path);
        new ModuleSummary(ModuleDecoder.DecodeWithoutCode(image.Module), file.Path, output).Print();
        output.WriteLine(
            $"image       {image.Functions.Length} functions in {image.Text.Length} bytes of code, fingerprint {image.Fingerprint:x16}"
            + $"{(image.Fingerprint == CodeFingerprint.Current ? string.Empty : " (stale)")}, features {image.Options.Features}, "
            + $"bounds {image.Options.Bounds.ToString().ToLowerInvariant()}");
    }
}
