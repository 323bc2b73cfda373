using System.Globalization;
using System.Text;

namespace Wisp.Permissions;

/// <summary>Makes text that came from a guest, or from a command line, safe to print on one line of a terminal or a
/// log.</summary>
public static class GuestText
{
    /// <summary>Characters of guest text that a message shows at most.</summary>
    public const int MaxLength = 200;

    /// <summary>Escapes control and formatting characters and cuts the text to <see cref="MaxLength"/>
    /// characters.</summary>
    /// <param name="text">Any text.</param>
    public static string Escape(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        bool isPlain = text.Length < MaxLength && !text.AsSpan().ContainsAnyExceptInRange(' ', '~') && !text.AsSpan().ContainsAny('"', '\\');
        if (isPlain)
        {
            return text;   // nearly all of a server's log
        }

        StringBuilder builder = new(Math.Min(text.Length, MaxLength) + 8);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (builder.Length >= MaxLength)
            {
                builder.Append("...");
                break;
            }

            Append(builder, rune);
        }

        return builder.ToString();
    }

    /// <summary>The escaped text between double quotes.</summary>
    /// <param name="text">Any text.</param>
    public static string Quote(string text) => "\"" + Escape(text) + "\"";

    private static void Append(StringBuilder builder, Rune rune)
    {
        switch (rune.Value)
        {
            case '"':
                builder.Append("\\\"");
                return;
            case '\\':
                builder.Append("\\\\");
                return;
            case '\n':
                builder.Append("\\n");
                return;
        }

        // Format characters include the bidirectional overrides, with which a path could be made to look like another.
        UnicodeCategory category = Rune.GetUnicodeCategory(rune);
        if (category is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned)
        {
            builder.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}");
        }
        else
        {
            builder.Append(rune.ToString());
        }
    }
}
