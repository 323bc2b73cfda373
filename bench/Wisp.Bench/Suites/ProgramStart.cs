namespace Wisp.Bench.Suites;

// A line of bench/programs.txt, or a file NAME.args beside a program without the name:
//
//   NAME ARGUMENT… [< FILE] [@scripted-clock]        FILE is read as standard input, from the program's folder

/// <summary>What a program is started with.</summary>
/// <param name="Arguments">Its arguments, its name not among them.</param>
/// <param name="Input">A file of its folder for standard input, or null for none.</param>
/// <param name="HasScriptedClock">Whether it gets a <see cref="ScriptedClock"/> instead of a real one.</param>
internal sealed record ProgramStart(IReadOnlyList<string> Arguments, string? Input, bool HasScriptedClock)
{
    private const string ScriptedClockWord = "@scripted-clock";

    private static readonly Dictionary<string, ProgramStart> Known = Read();

    public static ProgramStart Of(string place, string name, string title)
    {
        string path = Path.Combine(place, name + ".args");
        if (File.Exists(path))
        {
            return Parse(Fields(File.ReadAllText(path)));
        }

        return Known.GetValueOrDefault(title) ?? new ProgramStart([], null, false);
    }

    private static Dictionary<string, ProgramStart> Read()
    {
        var known = new Dictionary<string, ProgramStart>();
        foreach (string line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "programs.txt")))
        {
            string[] fields = Fields(line);
            if (fields.Length > 0 && fields[0] != "#")
            {
                known.Add(fields[0], Parse(fields[1..]));
            }
        }

        return known;
    }

    private static ProgramStart Parse(string[] fields)
    {
        bool isScripted = fields.Contains(ScriptedClockWord);
        string[] rest = fields.Where(field => field != ScriptedClockWord).ToArray();
        int input = Array.IndexOf(rest, "<");
        return input < 0 ? new ProgramStart(rest, null, isScripted) : new ProgramStart(rest[..input], rest[input + 1], isScripted);
    }

    private static string[] Fields(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
