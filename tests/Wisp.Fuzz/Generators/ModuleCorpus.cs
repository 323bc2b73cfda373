using System.Runtime.CompilerServices;
using Wisp.Wasm;
using Wisp.Wasm.Text.Scripts;

namespace Wisp.Fuzz.Generators;

/// <summary>Real modules to start from: those of the suites' scripts, and the guest programs that are not large.</summary>
internal sealed class ModuleCorpus
{
    private readonly (string Name, byte[] Bytes)[] _modules;

    private ModuleCorpus((string Name, byte[] Bytes)[] modules) => _modules = modules;

    public int Count => _modules.Length;

    /// <summary>Reads the corpus.</summary>
    /// <param name="maxModuleBytes">Larger modules are left out: a target wants many small cases, not a few slow ones.</param>
    /// <returns>The corpus, in the same order everywhere; empty where the suites are not.</returns>
    public static ModuleCorpus Load(int maxModuleBytes)
    {
        string folder = Environment.GetEnvironmentVariable("WISP_SUITES") ?? Path.Combine(Root(), "..", "shared", "suites");
        var modules = new List<(string, byte[])>();
        foreach (string path in Files(folder, "*.wasm").Concat(Files(Path.Combine(folder, "..", "guests"), "*.wasm")))
        {
            if (new FileInfo(path).Length <= maxModuleBytes)
            {
                modules.Add((Path.GetRelativePath(folder, path), File.ReadAllBytes(path)));
            }
        }

        string suite = Path.Combine(folder, "testsuite");
        foreach (string path in Files(suite, "*.wast").Where(path => !path.Contains("legacy", StringComparison.Ordinal)))
        {
            string name = Path.GetRelativePath(suite, path);
            modules.AddRange(ModulesOf(name, File.ReadAllBytes(path)).Where(module => module.Bytes.Length <= maxModuleBytes));
        }

        return new ModuleCorpus([.. modules]);
    }

    public (string Name, byte[] Bytes) this[int index] => _modules[index];

    private static List<(string Name, byte[] Bytes)> ModulesOf(string name, byte[] script)
    {
        var modules = new List<(string, byte[])>();
        try
        {
            foreach (ScriptDirective directive in ScriptReader.Read(name, script))
            {
                ModuleSource? source = directive switch
                {
                    ModuleDirective module => module.Module,
                    ModuleDefinitionDirective module => module.Module,
                    _ => null,
                };
                if (source is not null)
                {
                    modules.Add(($"{name}:{directive.Line}", source.Encode()));
                }
            }
        }
        catch (WasmException)
        {
            // A script of a proposal that is not ours: what comes before its first unknown word will do.
        }

        return modules;
    }

    private static IEnumerable<string> Files(string folder, string pattern) => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories).Order(StringComparer.Ordinal) : [];

    private static string Root([CallerFilePath] string path = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "..", "..", ".."));
}
