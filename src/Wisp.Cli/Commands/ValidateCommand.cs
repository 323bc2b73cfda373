using System.CommandLine;
using Wisp.Cli.Loading;
using Wisp.Wasm;
using Wisp.Wasm.Binary;
using Wisp.Wasm.Validation;

namespace Wisp.Cli.Commands;

/// <summary><c>wisp validate</c>: says of each file whether it is a valid module.</summary>
internal static class ValidateCommand
{
    public static Command Create()
    {
        var files = new Argument<string[]>("module")
        {
            Description = "Files: .wasm or .wat.",
            Arity = ArgumentArity.OneOrMore,
        };
        var command = new CommandWithExamples(
            "validate",
            "Check modules without compiling them. Ends with 1 when one of them is not valid.",
            "wisp validate app.wasm lib.wat")
        {
            files,
        };
        command.SetAction(parsed =>
        {
            int code = ExitCode.Success;
            foreach (string path in parsed.GetRequiredValue(files))
            {
                try
                {
                    Validate(path);
                    parsed.InvocationConfiguration.Output.WriteLine($"{path}: valid");
                }
                catch (Exception exception) when (exception is CommandException or WasmException)
                {
                    // One bad file does not keep the others from being checked.
                    code = Math.Max(code, FailureReport.Write(exception, parsed.InvocationConfiguration.Error));
                }
            }

            return code;
        });
        return command;
    }

    private static void Validate(string path)
    {
        ModuleFile file = ModuleFile.Read(path);
        if (file.IsImage)
        {
            throw CommandException.Failed($"{path}: is an image, compiled from a module that was valid");
        }

        try
        {
            ModuleValidator.Validate(ModuleDecoder.Decode(file.Bytes));
        }
        catch (WasmException exception)
        {
            throw file.Fault(exception);
        }
    }
}
