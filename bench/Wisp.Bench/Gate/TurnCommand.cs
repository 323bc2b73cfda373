using System.CommandLine;

namespace Wisp.Bench.Gate;

/// <summary><c>compare-turns FOLDER</c>, the last step of bench/gate.</summary>
internal static class TurnCommand
{
    public static Command Create()
    {
        var folder = new Argument<DirectoryInfo>("folder") { Description = "Where bench/gate left its turns." };
        var row = new Option<double>("--row-limit") { Description = "A row fails above this ratio.", DefaultValueFactory = _ => 1.08 };
        var mean = new Option<double>("--mean-limit") { Description = "The mean fails above this ratio.", DefaultValueFactory = _ => 1.02 };
        var command = new Command("compare-turns", "Compares two commits: bench/gate calls it.") { folder, row, mean };
        command.SetAction(parse => TurnComparison.Run(
            parse.GetRequiredValue(folder).FullName, parse.GetValue(row), parse.GetValue(mean)) ? 0 : 1);
        return command;
    }
}
