using System.CommandLine;
using Wisp.Abi;
using Wisp.Abi.Images;
using Wisp.Cli.Inspection;
using Wisp.Cli.Loading;
using Wisp.Cli.Output;
using Wisp.Compiler;
using Wisp.Permissions;
using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;
using Wisp.Wasm.Text;
using Wisp.Wasm.Validation;

namespace Wisp.Cli.Commands;

/// <summary><c>wisp inspect</c>: what is in a module, without running it.</summary>
internal static class InspectCommand
{
    public static Command Create()
    {
        var path = new Argument<string>("module") { Description = "A .wasm, .wat or .wisp file." };
        var wat = new Option<bool>("--wat") { Description = "Print the module in the text format." };
        var dump = new Option<string?>("--dump")
        {
            Description = $"Print each function after phases of the compiler: {string.Join(',', PhasePrinter.Phases)}.",
            HelpName = "phases",
        };
        var function = new Option<string?>("--function") { Description = "With --dump: only this one, by name or index.", HelpName = "name" };
        var engine = new EngineFlags();
        var format = new OutputOption(hasTables: false);
        var command = new CommandWithExamples(
            "inspect",
            "Show a module's imports, exports, memories, and the permissions that it will ask for.",
            """
            wisp inspect app.wasm
            wisp inspect app.wasm --wat > app.wat
            wisp inspect app.wasm --dump=opt,alloc --function main
            """)
        {
            path, wat, dump, function,
        };
        engine.AddTo(command);
        format.AddTo(command);
        command.SetAction(parsed =>
        {
            TextWriter output = parsed.InvocationConfiguration.Output;
            ModuleFile file = ModuleFile.Read(parsed.GetRequiredValue(path));
            try
            {
                if (parsed.GetValue(dump) is string phases)
                {
                    Dump(file, ParsePhases(phases), parsed.GetValue(function), engine.Read(parsed), output);
                }
                else
                {
                    Inspect(file, format.IsJson(parsed) ? InspectForm.Json : parsed.GetValue(wat) ? InspectForm.Wat : InspectForm.Summary, output);
                }
            }
            catch (Exception exception) when (ModuleFile.IsFault(exception))
            {
                throw file.Fault(exception);
            }

            output.Flush();
            return ExitCode.Success;
        });
        return command;
    }

    /// <summary>What is printed.</summary>
    private enum InspectForm
    {
        Summary,
        Wat,
        Json,
    }

    private static void Inspect(ModuleFile file, InspectForm form, TextWriter output)
    {
        if (!file.IsImage)
        {
            WasmModule module = ModuleDecoder.Decode(file.Bytes);
            var summary = new ModuleSummary(module, file.Path, output);
            switch (form)
            {
                case InspectForm.Wat:
                    WatPrinter.Print(module, output);
                    break;
                case InspectForm.Json:
                    output.WriteLine(OutputOption.ToJson(summary.ToMessage(), CommandJson.Default.ModuleMessage));
                    break;
                default:
                    summary.Print();
                    break;
            }

            return;
        }

        if (form == InspectForm.Wat)
        {
            throw CommandException.Failed($"{file.Path}: is an image, which keeps no WebAssembly code to print");
        }

        CodeImage image = CodeImage.Read(file.Bytes, file.Path);
        var ofImage = new ModuleSummary(ModuleDecoder.DecodeWithoutCode(image.Module), file.Path, output);
        if (form == InspectForm.Json)
        {
            ModuleMessage message = ofImage.ToMessage() with
            {
                Image = new ImageMessage(
                    image.Functions.Length, image.Text.Length, $"{image.Fingerprint:x16}", image.Fingerprint != CodeFingerprint.Current,
                    $"{image.Options.Features}", image.Options.Bounds.ToString().ToLowerInvariant()),
            };
            output.WriteLine(OutputOption.ToJson(message, CommandJson.Default.ModuleMessage));
            return;
        }

        ofImage.Print();
        output.WriteLine(
            $"image       {image.Functions.Length} functions in {image.Text.Length} bytes of code, fingerprint {image.Fingerprint:x16}"
            + $"{(image.Fingerprint == CodeFingerprint.Current ? string.Empty : " (stale)")}, features {image.Options.Features}, "
            + $"bounds {image.Options.Bounds.ToString().ToLowerInvariant()}");
        if (image.State is { } state)
        {
            output.WriteLine(
                $"snapshot    of {state.MemoryPages.Sum(static pages => (long)pages) * 64} KiB of memory, {image.Heap.Length / 1024} KiB of them kept"
                + (state.Waiting is { } waiting ? $", in a call of function {waiting.Import} with {waiting.Stack.Length * sizeof(ulong)} bytes of stack" : string.Empty));
        }
    }

    private static string[] ParsePhases(string text)
    {
        string[] phases = text.Split(',');
        return phases.FirstOrDefault(phase => !PhasePrinter.Phases.Contains(phase)) is string unknown
            ? throw CommandException.Usage(
                $"--dump {GuestText.Quote(unknown)}: expected some of {string.Join(',', PhasePrinter.Phases)}")
            : phases;
    }

    private static void Dump(ModuleFile file, string[] phases, string? function, EngineOptions options, TextWriter output)
    {
        if (file.IsImage)
        {
            throw CommandException.Failed($"{file.Path}: is an image, which was compiled already; dump its module");
        }

        using var engine = new Engine(options);
        WasmModule module = ModuleDecoder.Decode(file.Bytes);
        ModuleFacts facts = ModuleValidator.Validate(module);
        var printer = new PhasePrinter(module, phases, function, output);
        CompilePipeline.Compile(
            module, facts, new CompileOptions(new CodeOptions(engine.Features, engine.Bounds)) { Dump = printer });
        if (!printer.HasPrinted)
        {
            throw CommandException.Failed(function is null
                ? $"{file.Path}: has no functions of its own"
                : $"{file.Path}: has no function of its own named {GuestText.Quote(function)}");
        }
    }
}
