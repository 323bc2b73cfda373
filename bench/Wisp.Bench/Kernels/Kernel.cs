using System.Globalization;

namespace Wisp.Bench.Kernels;

/// <summary>A kernel of bench/kernels.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Argument">The argument of one timed run.</param>
/// <param name="Path">Its module; its source lies beside it.</param>
internal sealed record Kernel(string Name, int Argument, string Path)
{
    public byte[] Wasm { get; } = File.ReadAllBytes(Path);

    public string Source => System.IO.Path.ChangeExtension(Path, ".c");

    public static IEnumerable<Kernel> All(string? filter)
    {
        string folder = System.IO.Path.Combine(AppContext.BaseDirectory, "kernels");
        foreach (string line in File.ReadLines(System.IO.Path.Combine(folder, "kernels.txt")))
        {
            string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length >= 2 && fields[0] != "#" && (filter is null || fields[0].Contains(filter, StringComparison.Ordinal)))
            {
                yield return new Kernel(
                    fields[0], int.Parse(fields[1], CultureInfo.InvariantCulture), System.IO.Path.Combine(folder, fields[0] + ".wasm"));
            }
        }
    }
}
