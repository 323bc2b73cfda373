using Wisp.Wasm.Model;

namespace Wisp.Wasm.Binary;

// The custom section "name"   https://webassembly.github.io/spec/core/appendix/custom.html#name-section
//   subsection*        id:byte size:u32 contents
//     0  name                                  of the module
//     1  (function:u32 name)*                  of functions
//     2  (function:u32 (local:u32 name)*)*     of locals
// Others (labels, types, ...) are skipped.

/// <summary>Names that a module gives to itself, its functions and their locals, for messages and for printing.</summary>
/// <remarks>
/// Names change nothing about what a module does, so a fault in the section is no fault of the module: what was read before it counts,
/// the rest is ignored. An index that is named twice keeps the first name. Names come from the guest and may be anything.
/// </remarks>
public sealed class NameSection
{
    private const byte ModuleId = 0;
    private const byte FunctionsId = 1;
    private const byte LocalsId = 2;

    private readonly Dictionary<int, string> _functions = [];
    private readonly Dictionary<(int Function, int Local), string> _locals = [];

    private NameSection()
    {
    }

    /// <summary>The module's own name, if it has one.</summary>
    public string? Module { get; private set; }

    /// <summary>How many functions have a name.</summary>
    public int FunctionCount => _functions.Count;

    /// <summary>Reads the names of a module.</summary>
    /// <param name="module">The module.</param>
    /// <returns>Its names; none when there is no name section.</returns>
    public static NameSection Decode(WasmModule module)
    {
        var names = new NameSection();
        foreach (CustomSection section in module.CustomSections)
        {
            if (section.Name == "name")
            {
                var reader = new ByteReader(module.Bytes.Span, section.Offset, section.Offset + section.Length);
                try
                {
                    names.Read(module, ref reader);
                }
                catch (MalformedModuleException)
                {
                    // See the remarks: what was read before counts.
                }

                break;
            }
        }

        return names;
    }

    /// <summary>The name of a function.</summary>
    /// <param name="function">The function.</param>
    /// <returns>Its name, or null.</returns>
    public string? NameOf(FuncIndex function) => _functions.GetValueOrDefault(function.Index);

    /// <summary>The name of a local.</summary>
    /// <param name="function">The function.</param>
    /// <param name="local">Its parameter or local.</param>
    /// <returns>The local's name, or null.</returns>
    public string? NameOf(FuncIndex function, int local) => _locals.GetValueOrDefault((function.Index, local));

    private void Read(WasmModule module, ref ByteReader section)
    {
        while (!section.AtEnd)
        {
            byte id = section.ReadByte();
            int size = section.ReadLength();
            var subsection = new ByteReader(module.Bytes.Span, section.Offset, section.Offset + size);
            section.Skip(size);
            switch (id)
            {
                case ModuleId:
                    Module ??= subsection.ReadName();
                    break;
                case FunctionsId:
                    int functions = subsection.ReadCount("names", int.MaxValue);
                    for (int i = 0; i < functions; i++)
                    {
                        int function = subsection.ReadIndex();
                        _functions.TryAdd(function, subsection.ReadName());
                    }

                    break;
                case LocalsId:
                    ReadLocals(ref subsection);
                    break;
                default:
                    break;
            }
        }
    }

    private void ReadLocals(ref ByteReader subsection)
    {
        int functions = subsection.ReadCount("names", int.MaxValue);
        for (int i = 0; i < functions; i++)
        {
            int function = subsection.ReadIndex();
            int locals = subsection.ReadCount("names", int.MaxValue);
            for (int j = 0; j < locals; j++)
            {
                int local = subsection.ReadIndex();
                _locals.TryAdd((function, local), subsection.ReadName());
            }
        }
    }
}
