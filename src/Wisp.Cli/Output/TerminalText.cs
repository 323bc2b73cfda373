using System.Globalization;

namespace Wisp.Cli.Output;

/// <summary>Text from elsewhere, as a terminal may show it.</summary>
internal static class TerminalText
{
    /// <summary>The whole text on one line: what would move the cursor, turn the direction or hide is shown as U+FFFD.</summary>
    /// <remarks>Never cut: somebody accepts permissions by what is shown.</remarks>
    public static string Printable(string text) => !text.Any(IsUnseen) ? text
        : string.Create(text.Length, text, static (printable, text) =>
        {
            for (int i = 0; i < text.Length; i++)
            {
                printable[i] = IsUnseen(text[i]) ? '\ufffd' : text[i];
            }
        });

    private static bool IsUnseen(char c) => c != '\t' && char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
