using System.Text;
using Wisp.Permissions;

namespace Wisp.Host.Manifests;

/// <summary>Texts in which <c>{{ name }}</c> stands for a variable of the app.</summary>
internal static class VariableText
{
    private const string Open = "{{";
    private const string Close = "}}";

    /// <summary>Fills variables in.</summary>
    /// <param name="text">The text.</param>
    /// <param name="valueOf">The value of a variable, or null when there is none of the name.</param>
    /// <param name="fault">Why it cannot be done, or null.</param>
    public static string Expand(string text, Func<string, string?> valueOf, out string? fault)
    {
        var result = new StringBuilder(text.Length);
        int at = 0;
        fault = null;
        while (text.IndexOf(Open, at, StringComparison.Ordinal) is var start and >= 0)
        {
            int end = text.IndexOf(Close, start, StringComparison.Ordinal);
            if (end < 0)
            {
                fault = $"{Open} without {Close}";
                return text;
            }

            string name = text[(start + Open.Length)..end].Trim();
            if (valueOf(name) is not string value)
            {
                fault = $"there is no variable {GuestText.Quote(name)}";
                return text;
            }

            result.Append(text, at, start - at).Append(value);
            at = end + Close.Length;
        }

        return result.Append(text, at, text.Length - at).ToString();
    }
}
