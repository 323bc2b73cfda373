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

    private const int BytesInLine = 16;

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

    public void Code(string phase, MachineFunction function, Allocation allocation, CodeBlob code)
    {
        if (Starts(phase))
        {
            WriteCode(code);
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

    /// <summary>Bytes, a line for each place that a table knows: a trap, a call's return address, a call to be linked.</summary>
    private void WriteCode(CodeBlob code)
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

        int[] starts = [.. notes.Keys];
        int next = 0;
        for (int at = 0; at < code.Code.Length;)
        {
            while (next < starts.Length && starts[next] <= at)
            {
                next++;
            }

            int limit = next < starts.Length ? Math.Min(starts[next], code.Code.Length) : code.Code.Length;
            int end = Math.Min(at + BytesInLine, limit);
            string bytes = string.Join(' ', code.Code[at..end].Select(b => b.ToString("x2", CultureInfo.InvariantCulture)));
            _output.WriteLine($"    {at:x6}  {bytes,-(BytesInLine * 3)}{notes.GetValueOrDefault(at)}".TrimEnd());
            at = end;
        }

        _output.WriteLine($"    {code.Code.Length} bytes of code, {code.FrameBytes} of stack");
        _output.WriteLine();
    }
}
