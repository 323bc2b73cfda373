using System.Text;
using Wisp.Permissions;

namespace Wisp.Wasi.Tests;

/// <summary>How a program ran.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">What it wrote to standard output.</param>
/// <param name="Error">What it wrote to standard error.</param>
/// <param name="Denials">What it was denied.</param>
internal sealed record ProgramRun(long ExitCode, string Output, string Error, IReadOnlyList<Denial> Denials)
{
    private static readonly Engine Engine = new();

    /// <summary>Compiles a program and runs it to its end.</summary>
    /// <param name="wasm">Path of the binary.</param>
    /// <param name="arguments">Arguments after the program's name.</param>
    /// <param name="grants">Grants directories and variables.</param>
    /// <param name="input">Standard input.</param>
    /// <param name="throughImage">Whether to write an image and run that.</param>
    public static async Task<ProgramRun> Start(string wasm, IEnumerable<string> arguments, Action<GrantBuilder> grants,
        string input = "", bool throughImage = false)
    {
        GrantBuilder grant = new();
        grants(grant);
        List<Denial> denials = [];
        PermissionGate gate = new(grant.Build(), Path.GetFileName(wasm), PermissionMode.Enforce, null, denials.Add);
        using MemoryStream output = new();
        using MemoryStream error = new();
        WasiContextBuilder builder = new(gate)
        {
            Input = ByteSource.FromBytes(Encoding.UTF8.GetBytes(input)),
            Output = ByteSink.ToStream(output),
            Error = ByteSink.ToStream(error),
        };
        using WasiContext context = builder.AddArguments([Path.GetFileName(wasm), .. arguments]).Build();

        byte[] bytes = await File.ReadAllBytesAsync(wasm, TestContext.Current.CancellationToken);
        using Module compiled = Module.Compile(Engine, bytes);
        using Module module = throughImage ? Module.FromImage(Engine, compiled.ToImage()) : compiled;
        using Store store = new(Engine) { Data = context };
        Linker linker = new(Engine);
        WasiPreview1.Define(linker, of => (WasiContext)of.Data!);
        long code = 0;
        try
        {
            Instance instance = await linker.InstantiateAsync(store, module, TestContext.Current.CancellationToken);
            await instance.GetFunction("_start")!.InvokeAsync(default, TestContext.Current.CancellationToken);
        }
        catch (WasiExitException exit)
        {
            code = exit.Code;
        }

        return new ProgramRun(code, Encoding.UTF8.GetString(output.ToArray()),
            Encoding.UTF8.GetString(error.ToArray()), denials);
    }
}
