using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;
using Wisp.Wasm.Validation;

namespace Wisp.Bench.Compiling;

/// <summary>A module to compile.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Wasm">Its bytes.</param>
internal sealed record CompileModule(string Name, byte[] Wasm)
{
    private const int BigCodeBytes = 6 << 20;

    public double Megabytes => Wasm.Length / 1e6;

    /// <summary>Every module in some folders and files.</summary>
    public static IEnumerable<CompileModule> In(IEnumerable<string> paths, string? filter)
    {
        foreach (string path in paths)
        {
            IEnumerable<string> files = Directory.Exists(path)
                ? Directory.EnumerateFiles(path, "*.wasm", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
                : [path];
            foreach (string file in files)
            {
                string name = Path.GetFileNameWithoutExtension(file);
                name = name is "benchmark" or "default" ? Path.GetFileName(Path.GetDirectoryName(file)!) : name;
                if (filter is null || name.Contains(filter, StringComparison.Ordinal))
                {
                    yield return new CompileModule(name, File.ReadAllBytes(file));
                }
            }
        }
    }

    /// <summary>One module of over 5 MB, merged from those that can be.</summary>
    public static CompileModule Merged(IEnumerable<CompileModule> modules)
    {
        var parts = new List<WasmModule>();
        foreach (CompileModule module in modules)
        {
            WasmModule decoded = ModuleDecoder.Decode(module.Wasm);
            ModuleValidator.Validate(decoded, Environment.ProcessorCount);
            if (ModuleMerger.CanMerge(decoded))
            {
                parts.Add(decoded);
            }
        }

        return parts.Count == 0
            ? throw new InvalidOperationException("no module that can be merged into a big one")
            : new CompileModule("merged", ModuleMerger.Merge(parts, BigCodeBytes));
    }
}
