namespace Wisp.Host.Admin;

/// <summary>What a token may do; each scope holds the ones before it.</summary>
internal enum AdminScope
{
    /// <summary>Look at everything that is no secret.</summary>
    Read = 1,

    /// <summary>Deploy, shift traffic, roll back.</summary>
    Deploy = 2,

    /// <summary>Secrets, tokens, deleting apps, the audit log.</summary>
    Admin = 3,
}

/// <summary>The names of scopes, as they stand in messages and on command lines.</summary>
internal static class AdminScopes
{
    public static IReadOnlyList<string> Names { get; } = ["read", "deploy", "admin"];

    public static string NameOf(AdminScope scope) => Names[(int)scope - 1];

    public static bool TryParse(string? text, out AdminScope scope)
    {
        int index = text is null ? -1 : Names.IndexOf(text);
        scope = (AdminScope)(index + 1);
        return index >= 0;
    }

    private static int IndexOf(this IReadOnlyList<string> names, string text)
    {
        for (int i = 0; i < names.Count; i++)
        {
            if (names[i] == text)
            {
                return i;
            }
        }

        return -1;
    }
}
