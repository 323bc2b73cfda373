using Wisp.Permissions;

namespace Wisp.Host.Manifests;

/// <summary>Gives the variables of an app their values: from the command line, the environment of this process, or the manifest.</summary>
internal static class VariableValues
{
    private const string Prefix = "WISP_VARIABLE_";

    /// <summary>Finds the values.</summary>
    /// <param name="app">The app.</param>
    /// <param name="given">Values from the command line, which go first.</param>
    /// <param name="environment">Looks a variable of this process up.</param>
    /// <exception cref="IOException">One is missing, or given without being declared.</exception>
    public static IReadOnlyDictionary<string, string> Of(
        AppManifest app, IReadOnlyDictionary<string, string> given, Func<string, string?> environment)
    {
        string[] names = [.. app.Variables.Select(variable => variable.Name)];
        foreach (string name in given.Keys.Except(names))
        {
            string hint = NearestName.Of(name, names) is string nearest ? $"did you mean {nearest}?"
                : names.Length == 0 ? "it declares none" : $"it declares {string.Join(", ", names)}";
            throw new IOException($"-e {GuestText.Escape(name)}: the app declares no such variable in [variables]; {hint}");
        }

        var values = new Dictionary<string, string>();
        foreach (VariableDeclaration variable in app.Variables)
        {
            string? value = given.GetValueOrDefault(variable.Name) ?? environment(Prefix + variable.Name.ToUpperInvariant()) ?? variable.Default;
            values[variable.Name] = value ?? throw new IOException(
                $"the app needs the variable {variable.Name}: -e {variable.Name}=VALUE, or {Prefix}{variable.Name.ToUpperInvariant()}"
                + (variable.IsSecret ? " (better: it is secret, and a command line can be seen)" : string.Empty));
        }

        return values;
    }
}
