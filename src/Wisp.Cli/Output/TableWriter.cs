using Spectre.Console;

namespace Wisp.Cli.Output;

/// <summary>Draws a listing for a person. The only commands that load Spectre.Console are those that draw.</summary>
internal static class TableWriter
{
    private const int WidthOfNoTerminal = 160;

    public static void Write(Listing listing, TextWriter output)
    {
        IAnsiConsole console = ConsoleFor(output, Terminal.IsOutputSeen);
        if (listing.Rows.Count == 0)
        {
            if (listing.WhenEmpty is string nothing)
            {
                console.WriteLine(nothing);
            }

            return;
        }

        Spectre.Console.Table table = new Spectre.Console.Table().Border(TableBorder.Rounded).BorderColor(Color.Grey);
        if (listing.Headings.Count == 0)
        {
            table.HideHeaders();
        }

        for (int column = 0; column < listing.Rows[0].Count; column++)
        {
            table.AddColumn(new TableColumn(new Text(
                column < listing.Headings.Count ? listing.Headings[column] : string.Empty, new Style(decoration: Decoration.Bold))));
        }

        foreach (IReadOnlyList<string> row in listing.Rows)
        {
            table.AddRow(row.Select((text, column) => new Text(TerminalText.Printable(text), column == 0 ? new Style(Color.Aqua) : Style.Plain)));
        }

        console.Write(table);
    }

    /// <summary>A console on one of our streams, with colors when they are seen and wanted.</summary>
    public static IAnsiConsole ConsoleFor(TextWriter output, bool isSeen)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = isSeen ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = isSeen && Terminal.HasColors ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = isSeen ? InteractionSupport.Yes : InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),
        });
        if (!isSeen)
        {
            console.Profile.Width = WidthOfNoTerminal;
            console.Profile.Capabilities.Unicode = true;
        }

        return console;
    }
}
