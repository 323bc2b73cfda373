using System.CommandLine;
using System.CommandLine.Parsing;

namespace Wisp.Cli.Commands;

/// <summary>
/// Tells a program's arguments from a misspelled option of ours: what looks like an option belongs to the program only behind
/// <c>--</c>. Negative numbers are arguments anywhere.
/// </summary>
internal static class ProgramArguments
{
    /// <summary>Refuses what stands before the double dash and looks like an option.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="arguments">Where the parser put everything that is no option of ours, in order.</param>
    public static void RefuseUnknownOptions(ParseResult parsed, params ReadOnlySpan<Argument> arguments)
    {
        int behindDoubleDash = parsed.Tokens.Reverse().TakeWhile(token => token.Type != TokenType.DoubleDash).Count();
        bool hasDoubleDash = behindDoubleDash < parsed.Tokens.Count;
        var tokens = new List<Token>();
        foreach (Argument argument in arguments)
        {
            tokens.AddRange(parsed.GetResult(argument)?.Tokens ?? []);
        }

        int ours = tokens.Count - (hasDoubleDash ? behindDoubleDash : 0);
        foreach (Token token in tokens.Take(ours))
        {
            if (LooksLikeOption(token.Value))
            {
                throw CommandException.Usage($"unknown option {token.Value} (the program's own arguments go behind --)");
            }
        }
    }

    private static bool LooksLikeOption(string text) => text.Length > 1 && text[0] == '-'
        && !char.IsAsciiDigit(text[1]) && text[1] != '.' && text is not ("-inf" or "-nan");
}
