using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;

namespace Wisp.Wasm.Text;

/// <summary>Prints a module in the text format, one instruction in a line, with the names of its name section.</summary>
/// <remarks>
/// What is printed parses to the same module, except that custom sections are only mentioned. Every type use names its type, so
/// no type is added. Not thread safe; a module of any depth of nesting is printed without recursion.
/// </remarks>
public sealed partial class WatPrinter
{
    private const int IndentWidth = 2;

    // Deeper lines are not indented further: the text of a module nested 100,000 deep would be gigabytes of spaces.
    private const int DeepestIndent = 40;

    private readonly WasmModule _module;
    private readonly TextWriter _to;
    private readonly IdentifierNames _names;

    private WatPrinter(WasmModule module, TextWriter to)
    {
        _module = module;
        _to = to;
        _names = new IdentifierNames(module, NameSection.Decode(module));
    }

    /// <summary>Prints a module.</summary>
    /// <param name="module">The module. It need not be valid.</param>
    /// <param name="to">Where to print it.</param>
    /// <exception cref="MalformedModuleException">An instruction is malformed; what precedes it was printed.</exception>
    public static void Print(WasmModule module, TextWriter to)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(to);
        new WatPrinter(module, to).PrintModule();
    }

    /// <summary>Prints one function of a module.</summary>
    /// <param name="module">The module.</param>
    /// <param name="function">The function; of an imported one only its type.</param>
    /// <param name="to">Where to print it.</param>
    /// <exception cref="MalformedModuleException">An instruction is malformed; what precedes it was printed.</exception>
    public static void Print(WasmModule module, FuncIndex function, TextWriter to)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(to);
        var printer = new WatPrinter(module, to);
        if (function.Index >= module.ImportedFunctionCount)
        {
            printer.PrintFunction(function);
        }
        else
        {
            to.Write("(func ");
            printer.PrintDefinedName(printer._names.Of(function), function.Index);
            printer.PrintTypeUse(module.Functions[function.Index], locals: null);
            to.Write(")\n");
        }
    }

    private void PrintModule()
    {
        _to.Write("(module");
        if (_names.Module is { } name)
        {
            _to.Write(' ');
            _to.Write(name);
        }

        _to.Write('\n');
        PrintTypes();
        PrintImports();
        PrintDefinitions();
        PrintExports();
        PrintSegments();
        foreach (CustomSection section in _module.CustomSections)
        {
            _to.Write("  ;; custom section ");
            PrintString(section.Name);
            _to.Write($", {section.Length} bytes\n");
        }

        _to.Write(")\n");
    }

    private void PrintImports()
    {
        foreach (Import import in _module.Imports)
        {
            _to.Write("  (import ");
            PrintString(import.Module);
            _to.Write(' ');
            PrintString(import.Name);
            _to.Write(" (");
            PrintKindAndName(import.Kind, import.Index);
            switch (import.Kind)
            {
                case ExternKind.Function:
                    PrintTypeUse(_module.Functions[import.Index], locals: null);
                    break;
                case ExternKind.Table:
                    PrintTableType(_module.Tables[import.Index]);
                    break;
                case ExternKind.Memory:
                    PrintMemoryType(_module.Memories[import.Index]);
                    break;
                case ExternKind.Global:
                    PrintGlobalType(_module.Globals[import.Index]);
                    break;
                default:
                    PrintTypeUse(_module.Tags[import.Index].Type, locals: null);
                    break;
            }

            _to.Write("))\n");
        }
    }

    private void PrintDefinitions()
    {
        for (int i = 0; i < _module.Bodies.Length; i++)
        {
            PrintFunction(new FuncIndex(_module.ImportedFunctionCount + i));
        }

        for (int i = _module.ImportedTableCount; i < _module.Tables.Length; i++)
        {
            PrintFieldStart(ExternKind.Table, i);
            PrintTableType(_module.Tables[i]);
            PrintInitializer(_module.TableInitializers[i - _module.ImportedTableCount]);
            _to.Write(")\n");
        }

        for (int i = _module.ImportedMemoryCount; i < _module.Memories.Length; i++)
        {
            PrintFieldStart(ExternKind.Memory, i);
            PrintMemoryType(_module.Memories[i]);
            _to.Write(")\n");
        }

        for (int i = _module.ImportedTagCount; i < _module.Tags.Length; i++)
        {
            PrintFieldStart(ExternKind.Tag, i);
            PrintTypeUse(_module.Tags[i].Type, locals: null);
            _to.Write(")\n");
        }

        for (int i = _module.ImportedGlobalCount; i < _module.Globals.Length; i++)
        {
            PrintFieldStart(ExternKind.Global, i);
            PrintGlobalType(_module.Globals[i]);
            PrintInitializer(_module.GlobalInitializers[i - _module.ImportedGlobalCount]);
            _to.Write(")\n");
        }
    }

    private void PrintExports()
    {
        foreach (Export export in _module.Exports)
        {
            _to.Write("  (export ");
            PrintString(export.Name);
            _to.Write(" (");
            _to.Write(WordOf(export.Kind));
            _to.Write(' ');
            _to.Write(export.Kind == ExternKind.Function ? _names.Reference(new FuncIndex(export.Index)) : $"{export.Index}");
            _to.Write("))\n");
        }

        if (_module.Start is { } start)
        {
            _to.Write($"  (start {_names.Reference(start)})\n");
        }
    }

    private void PrintInitializer(ConstantExpression? expression)
    {
        if (expression is { } initial)
        {
            _to.Write(' ');
            PrintExpression(initial);
        }
    }

    private void PrintFieldStart(ExternKind kind, int index)
    {
        _to.Write("  (");
        PrintKindAndName(kind, index);
    }

    private void PrintKindAndName(ExternKind kind, int index)
    {
        _to.Write(WordOf(kind));
        _to.Write(' ');
        PrintDefinedName(kind == ExternKind.Function ? _names.Of(new FuncIndex(index)) : null, index);
    }

    // The index stands in a comment, so that a reader finds what has no name.
    private void PrintDefinedName(string? name, int index)
    {
        if (name is not null)
        {
            _to.Write(name);
            _to.Write(' ');
        }

        _to.Write($"(;{index};)");
    }

    private void Indent(int depth)
    {
        for (int i = Math.Min(depth, DeepestIndent) * IndentWidth; i > 0; i--)
        {
            _to.Write(' ');
        }
    }

    private void PrintString(string text)
    {
        _to.Write('"');
        TextEscapes.Write(_to, System.Text.Encoding.UTF8.GetBytes(text));
        _to.Write('"');
    }

    private static string WordOf(ExternKind kind) => kind switch
    {
        ExternKind.Function => "func",
        ExternKind.Table => "table",
        ExternKind.Memory => "memory",
        ExternKind.Global => "global",
        _ => "tag",
    };
}
