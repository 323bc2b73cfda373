using System.CommandLine;
using Wisp.Cli.Loading;

namespace Wisp.Cli.Commands;

/// <summary><c>wisp compile</c>: a module to an image that runs without compiling.</summary>
internal static class CompileCommand
{
    public static Command Create()
    {
        var input = new Argument<string>("module") { Description = "A .wasm or .wat file." };
        var output = new Option<string?>("--output", "-o") { Description = "The image to write. Default: the module's name with .wisp.", HelpName = "file" };
        var force = new Option<bool>("--force") { Description = "Replace a file that is not an image." };
        EngineFlags engine = new();
        var command = new CommandWithExamples(
            "compile",
            "Compile a module to an image (.wisp), which is mapped and run as it is.",
            """
            wisp compile app.wasm
            wisp compile app.wasm -o build/app.wisp && wisp run build/app.wisp
            """)
        {
            input, output, force,
        };
        engine.AddTo(command);
        command.SetAction(parsed =>
        {
            string source = parsed.GetRequiredValue(input);
            string target = parsed.GetValue(output) ?? Path.ChangeExtension(source, ".wisp");
            return Compile(source, target, parsed.GetValue(force), engine.Read(parsed));
        });
        return command;
    }

    private static int Compile(string source, string target, bool force, EngineOptions options)
    {
        ModuleFile file = ModuleFile.Read(source);
        if (file.IsImage)
        {
            throw CommandException.Failed($"{source}: is an image already");
        }

        using var engine = new Engine(options);
        byte[] image;
        try
        {
            using Module module = Module.Compile(engine, file.Bytes, file.Name);
            image = module.ToImage();
        }
        catch (Exception exception) when (ModuleFile.IsFault(exception))
        {
            throw file.Fault(exception);
        }

        OutputFile.Write(target, image, existing => force || ModuleFile.IsImageFile(existing));
        return ExitCode.Success;
    }
}
