using System.Globalization;
using Wisp.Abi;
using Wisp.Compiler;
using Wisp.Compiler.Allocation;
using Wisp.Compiler.Emission;
using Wisp.Compiler.Ir;
using Wisp.Compiler.Machine;
using Wisp.Compiler.X64;
using Wisp.Permissions;
using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;

namespace Wisp.Cli.Inspection;

/// <summary>Prints what a function is after each phase of the compiler that was asked for.</summary>
internal sealed class PhasePrinter : IPhaseSink
{
    /// <summary>The phases in the order of the pipeline.</summary>
    public static readonly string[] Phases = ["ssa", "opt", "select", "alloc", "asm"];

    private const int BytesInLine = 12;
    private const int BytesColumn = (2 * BytesInLine) + 2;

    private readonly WasmModule _module;
    private readonly NameSection _names;
    private readonly HashSet<string> _phases;
    private readonly string? _only;
    private readonly TextWriter _output;
    private FuncIndex _function;

    /// <summary>Makes a printer.</summary>
    /// <param name="module">The module that is compiled.</param>
    /// <param name="phases">Which phases.</param>
    /// <param name="only">Name or index of the only function to print, or null for all.</param>
    /// <param name="output">Where to print.</param>
    public PhasePrinter(WasmModule module, IEnumerable<string> phases, string? only, TextWriter output)
    {
        _module = module;
        _names = NameSection.Decode(module);
        _phases = [.. phases];
        _only = only;
        _output = output;
    }

    /// <summary>Whether anything was printed: false when no function has the name.</summary>
    public bool HasPrinted { get; private set; }

    public void Ssa(string phase, SsaFunction function)
    {
        _function = function.Function;   // the phases behind are those of the same function: one thread compiles
        if (Starts(phase))
        {
            Write(SsaPrinter.Print(function));
        }
    }

    public void Machine(string phase, MachineFunction function, Allocation? allocation)
    {
        if (Starts(phase))
        {
            Write(MachinePrinter.Print(function, new X64OpNames(), allocation));
        }
    }

    public void Code(string phase, MachineFunction function, Allocation allocation, CodeBlob code, ReadOnlySpan<int> positions)
    {
        if (Starts(phase))
        {
            WriteCode(MachinePrinter.Print(function, new X64OpNames(), allocation), code, positions);
        }
    }

    private bool Starts(string phase)
    {
        string? name = NameOf(_function);
        string index = _function.Index.ToString(CultureInfo.InvariantCulture);
        if (!_phases.Contains(phase) || (_only is not null && _only != index && _only != name))
        {
            return false;
        }

        HasPrinted = true;
        _output.WriteLine($";; {phase}: function {index}{(name is null ? string.Empty : $" {GuestText.Quote(name)}")}");
        return true;
    }

    private string? NameOf(FuncIndex function) => _names.NameOf(function)
        ?? Array.Find(_module.Exports, export => export.Kind == ExternKind.Function && export.Index == function.Index)?.Name;

    private void Write(string text)
    {
        _output.WriteLine(text.TrimEnd('\n'));
        _output.WriteLine();
    }

    /// <summary>Each instruction behind its bytes, then what lies behind all instructions: slow paths, traps, tables, constants.</summary>
    private void WriteCode(string text, CodeBlob code, ReadOnlySpan<int> positions)
    {
        SortedDictionary<int, string> notes = NotesOf(code);
        WriteBytes(code.Code, 0, positions[0], notes);
        int next = 0;
        foreach (string line in text.TrimEnd('\n').Split('\n'))
        {
            if (!line.StartsWith(' '))
            {
                _output.WriteLine(line);   // the heading of a block
                continue;
            }

            string bytes = Convert.ToHexStringLower(code.Code.AsSpan(positions[next]..positions[next + 1]));
            _output.WriteLine($"    {positions[next]:x6}  {bytes + "  ",-BytesColumn}{line.TrimStart()}");
            next++;
        }

        _output.WriteLine("behind:");
        WriteBytes(code.Code, positions[^1], code.Code.Length, notes);
        _output.WriteLine($"    {code.Code.Length} bytes of code, {code.FrameBytes} of stack");
        _output.WriteLine();
    }

    private static SortedDictionary<int, string> NotesOf(CodeBlob code)
    {
        var notes = new SortedDictionary<int, string>();
        foreach (TrapSite trap in code.Traps)
        {
            notes[trap.CodeOffset] = $"trap {(TrapCode)trap.Code} of 0x{trap.SourceOffset:x}";
        }

        foreach (CallSite call in code.Calls)
        {
            notes[call.CodeOffset] = $"returns from the call at 0x{call.SourceOffset:x}";
        }

        foreach (CodeRelocation relocation in code.Relocations)
        {
            notes[relocation.CodeOffset] = $"rel32 of function {relocation.Function}";
        }

        return notes;
    }

    // A new line for each place that a table knows.
    private void WriteBytes(byte[] code, int at, int end, SortedDictionary<int, string> notes)
    {
        while (at < end)
        {
            int stop = Math.Min(at + BytesInLine, end);
            for (int i = at + 1; i < stop; i++)
            {
                stop = notes.ContainsKey(i) ? i : stop;
            }

            _output.WriteLine($"    {at:x6}  {Convert.ToHexStringLower(code.AsSpan(at..stop)),-BytesColumn}{notes.GetValueOrDefault(at)}".TrimEnd());
            at = stop;
        }
    }
}
