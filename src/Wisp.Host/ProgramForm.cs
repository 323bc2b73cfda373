using Wisp.Linking;
using Wisp.Wasm.Model;

namespace Wisp.Host;

// What a module is to the host, by its exports. Both forms of WASI preview 1, the second with an entry for requests:
//
//   command   _start                      runs once, from its start to its end
//   reactor   _initialize (optional)      runs once in each instance, before anything else
//             handle                      runs once for each request, with the variables and streams of CGI
//
// A module with _start is a command, whatever else it exports. These functions have no parameters and no results.

/// <summary>How a program is run.</summary>
/// <param name="Entry">The export that answers a request.</param>
/// <param name="Initializer">The export that runs before it in a new instance, or null.</param>
internal sealed record ProgramForm(string Entry, string? Initializer)
{
    private const string Start = "_start";
    private const string Initialize = "_initialize";
    private const string Handle = "handle";

    /// <summary>Whether the entry can be called again.</summary>
    public bool IsReactor => Entry == Handle;

    /// <summary>The form of a module.</summary>
    /// <param name="module">The module.</param>
    /// <param name="name">What it is called in messages.</param>
    /// <exception cref="LinkException">It is neither a command nor a reactor.</exception>
    public static ProgramForm Of(Module module, string name)
    {
        if (IsEntry(module, name, Start))
        {
            return new ProgramForm(Start, null);
        }

        if (IsEntry(module, name, Handle))
        {
            return new ProgramForm(Handle, IsEntry(module, name, Initialize) ? Initialize : null);
        }

        throw new LinkException(
            $"{name} exports no function {Start} and no function {Handle}: it is neither a WASI command nor a reactor that answers requests");
    }

    private static bool IsEntry(Module module, string name, string entry)
    {
        foreach (ExportDescription export in module.Exports)
        {
            if (export.Name == entry && export.Type.Kind == ExternKind.Function)
            {
                FunctionType type = export.Type.Function!;
                return type.Parameters.Length == 0 && type.Results.Length == 0
                    ? true
                    : throw new LinkException($"{name} exports {entry} as a function of type {TypeText.Of(type)}; it must take and return nothing");
            }
        }

        return false;
    }
}
