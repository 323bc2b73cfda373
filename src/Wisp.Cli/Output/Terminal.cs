namespace Wisp.Cli.Output;

/// <summary>Whether a person looks on.</summary>
internal static class Terminal
{
    /// <summary>Whether standard output goes to a terminal that can do more than lines.</summary>
    public static bool IsOutputSeen => !Console.IsOutputRedirected && CanDraw;

    /// <summary>Whether standard error goes to such a terminal.</summary>
    public static bool IsErrorSeen => !Console.IsErrorRedirected && CanDraw;

    /// <summary>Whether somebody can be asked.</summary>
    public static bool CanAsk => !Console.IsInputRedirected && !Console.IsErrorRedirected;

    /// <summary>Whether colors are wanted. <see href="https://no-color.org"/>.</summary>
    public static bool HasColors => CanDraw && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    private static bool CanDraw => Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");

    /// <summary>Asks a question whose answer is no unless it is yes.</summary>
    public static bool Asks(string question)
    {
        Console.Error.Write($"{question} [y/N] ");
        string answer = Console.In.ReadLine()?.Trim() ?? string.Empty;
        return answer.Equals("y", StringComparison.OrdinalIgnoreCase) || answer.Equals("yes", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Reads a secret: without an echo when somebody types it, else the first line of standard input.</summary>
    public static string ReadSecret(string prompt)
    {
        if (Console.IsInputRedirected)
        {
            return Console.In.ReadLine() ?? string.Empty;
        }

        Console.Error.Write($"{prompt}: ");
        var text = new System.Text.StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                text.Length = Math.Max(0, text.Length - 1);
            }
            else if (!char.IsControl(key.KeyChar))
            {
                text.Append(key.KeyChar);
            }
        }

        Console.Error.WriteLine();
        return text.ToString();
    }
}
