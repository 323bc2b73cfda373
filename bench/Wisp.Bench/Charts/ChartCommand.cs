using System.CommandLine;
using System.Text.Json;
using Wisp.Bench.Tables;

namespace Wisp.Bench.Charts;

/// <summary><c>chart FILE.json -o FILE.svg</c></summary>
internal static class ChartCommand
{
    public static Command Create()
    {
        var source = new Argument<FileInfo>("json") { Description = "What --json wrote." };
        var output = new Option<FileInfo>("-o", "--output") { Description = "The SVG file.", Required = true };
        var table = new Option<string>("--table") { Description = "Which table.", DefaultValueFactory = _ => SuiteTable.Name };
        var command = new Command("chart", "Draws the ratios of a JSON file as SVG.") { source, output, table };
        command.SetAction(parse =>
        {
            using JsonDocument report = JsonDocument.Parse(File.ReadAllBytes(parse.GetRequiredValue(source).FullName));
            File.WriteAllText(
                parse.GetRequiredValue(output).FullName,
                RatioChart.Draw(report.RootElement, parse.GetRequiredValue(table), "wasmtime", "v8"));
        });
        return command;
    }
}
