using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;
using Wisp.Wasm.Text;
using Section = Wisp.Wasm.Text.ModuleSections.Section;

namespace Wisp.Bench.Compiling;

// The big module: functions of real programs, one program after the other and around again, until the code is as large as asked.
//
//   types, functions, globals     appended, every use in code renumbered
//   imports                       one of each name and type, shared by all copies
//   memory, table 0               one for all, of the largest size; element segments lie behind each other
//   data                          of the first copy of each program, as it is: nothing here is run
//
// The result is valid, compiles like what it was made of, and is the same bytes for the same input. What it does when run means nothing.

/// <summary>Makes one valid module of several.</summary>
internal sealed class ModuleMerger
{
    private const int MemoryPages = 1024;   // enough for the data of every program

    private readonly Dictionary<(string, string, string), int> _importedFunctions = [];
    private readonly Section _types = new(1);
    private readonly Section _imports = new(2);
    private readonly Section _functions = new(3);
    private readonly Section _globals = new(6);
    private readonly Section _exports = new(7);
    private readonly Section _elements = new(9);
    private readonly Section _code = new(10);
    private readonly Section _data = new(11);
    private readonly List<(WasmModule Module, bool WithData)> _parts = [];
    private int _tableElements;

    /// <summary>Whether a module has only what can be merged.</summary>
    public static bool CanMerge(WasmModule module) =>
        module.Types.All(type => type.Composite is FunctionType) && module.Imports.All(import => import.Kind == ExternKind.Function)
        && module.Tables.Length <= 1 && module.Memories.Length <= 1 && module.Tags.Length == 0 && module.Start is null
        && module.Elements.All(segment => segment is { Mode: SegmentMode.Active, Functions: not null })
        && module.Bodies.All(body => CanMerge(module, body));

    /// <summary>Merges copies of modules until their code has so many bytes.</summary>
    public static byte[] Merge(IReadOnlyList<WasmModule> modules, int codeBytes)
    {
        var merger = new ModuleMerger();
        int bytes = 0;
        for (int i = 0; bytes < codeBytes; i++)
        {
            WasmModule module = modules[i % modules.Count];
            merger._parts.Add((module, i < modules.Count));
            bytes += module.Bodies.Sum(body => body.Length);
        }

        return merger.Assemble();
    }

    private byte[] Assemble()
    {
        // Imports come first in the index space, so all of them are known before any function is numbered.
        int firstType = 0;
        foreach ((WasmModule module, _) in _parts)
        {
            AddTypes(module);
            AddImports(module, firstType);
            firstType += module.Types.Length;
        }

        var first = new Numbering { Function = _importedFunctions.Count };
        foreach ((WasmModule module, bool withData) in _parts)
        {
            var part = new ModulePart(module, first, ImportsOf(module));
            AddFunctions(part);
            AddElements(part);
            if (withData)
            {
                AddData(part);
            }

            first = part.Next;
        }

        return Write();
    }

    private void AddTypes(WasmModule module)
    {
        foreach (DefinedType type in module.Types)
        {
            WasmWriter writer = _types.Add();
            var function = (FunctionType)type.Composite;
            writer.Byte(0x60);
            foreach (ValType[] list in (ValType[][])[function.Parameters, function.Results])
            {
                writer.Unsigned((ulong)list.Length);
                foreach (ValType value in list)
                {
                    writer.Type(value);
                }
            }
        }
    }

    // Vectors stay out too, so that every engine and every build of ours compiles the same module.
    private static bool CanMerge(WasmModule module, FunctionBody body)
    {
        var reader = new InstructionReader(module, body.Offset, body.Length);
        Instruction instruction = default;
        while (!reader.AtEnd)
        {
            reader.Read(ref instruction);
            if (!ModulePart.CanRewrite(instruction.Opcode))
            {
                return false;
            }
        }

        return true;
    }

    private static string Signature(FunctionType type) => string.Join(' ', type.Parameters) + " -> " + string.Join(' ', type.Results);

    private void AddImports(WasmModule module, int firstType)
    {
        foreach (Import import in module.Imports)
        {
            var key = (import.Module, import.Name, Signature(module.TypeOf(new FuncIndex(import.Index))));
            if (_importedFunctions.TryAdd(key, _importedFunctions.Count))
            {
                WasmWriter writer = _imports.Add();
                writer.Vector(System.Text.Encoding.UTF8.GetBytes(import.Module));
                writer.Vector(System.Text.Encoding.UTF8.GetBytes(import.Name));
                writer.Byte(0);
                writer.Unsigned((ulong)(firstType + module.Functions[import.Index].Index));
            }
        }
    }

    private int[] ImportsOf(WasmModule module) => module.Imports
        .Select(import => _importedFunctions[(import.Module, import.Name, Signature(module.TypeOf(new FuncIndex(import.Index))))])
        .ToArray();

    private void AddFunctions(ModulePart part)
    {
        WasmModule module = part.Module;
        for (int i = 0; i < module.Bodies.Length; i++)
        {
            _functions.Add().Unsigned((ulong)part.Type(module.Functions[module.ImportedFunctionCount + i].Index));
            _code.Add().Vector(part.Rewrite(module.Bodies[i]));
        }

        for (int i = 0; i < module.Globals.Length; i++)
        {
            WasmWriter writer = _globals.Add();
            writer.Type(module.Globals[i].Type);
            writer.Byte(module.Globals[i].IsMutable ? 1 : 0);
            writer.Bytes(part.Rewrite(module.GlobalInitializers[i]));
        }

        foreach (Export export in module.Exports.Where(export => export.Kind == ExternKind.Function))
        {
            WasmWriter writer = _exports.Add();
            writer.Vector(System.Text.Encoding.UTF8.GetBytes($"{export.Name}.{part.Next.Function}"));
            writer.Byte(0);
            writer.Unsigned((ulong)part.Function(export.Index));
        }
    }

    private void AddElements(ModulePart part)
    {
        foreach (ElementSegment segment in part.Module.Elements)
        {
            WasmWriter writer = _elements.Add();
            writer.Byte(0);
            writer.Byte(Opcode.I32Const.Code());
            writer.Signed(_tableElements);
            writer.Byte(Opcode.End.Code());
            writer.Unsigned((ulong)segment.Functions!.Length);
            foreach (FuncIndex function in segment.Functions)
            {
                writer.Unsigned((ulong)part.Function(function.Index));
            }

            _tableElements += segment.Functions.Length;
        }
    }

    private void AddData(ModulePart part)
    {
        foreach (DataSegment segment in part.Module.Data)
        {
            WasmWriter writer = _data.Add();
            writer.Byte(segment.Mode == SegmentMode.Passive ? 1 : 0);
            if (segment.Mode == SegmentMode.Active)
            {
                writer.Bytes(part.Rewrite(segment.Offset));
            }

            writer.Vector(part.Module.Bytes.Span.Slice(segment.BytesOffset, segment.BytesLength));
        }
    }

    private byte[] Write()
    {
        var tables = new Section(4);
        WasmWriter table = tables.Add();
        table.Type(ValType.FuncRef);
        table.Byte(0);
        table.Unsigned((ulong)_tableElements);
        var memories = new Section(5);
        WasmWriter memory = memories.Add();
        memory.Byte(0);
        memory.Unsigned(MemoryPages);

        var module = new WasmWriter();
        module.Bytes("\0asm\u0001\0\0\0"u8);
        foreach (Section section in (Section[])[_types, _imports, _functions, tables, memories, _globals, _exports, _elements, _code, _data])
        {
            var count = new WasmWriter();
            count.Unsigned((ulong)section.Count);
            module.Byte(section.Id);
            module.Unsigned((ulong)(count.Length + section.Contents.Length));
            module.Bytes(count.Written);
            module.Bytes(section.Contents.Written);
        }

        return module.Written.ToArray();
    }
}
