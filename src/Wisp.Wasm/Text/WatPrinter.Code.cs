using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;

namespace Wisp.Wasm.Text;

// This part: functions and instructions.
public sealed partial class WatPrinter
{
    // Locals beyond this have no identifiers: a short body may declare billions.
    private const int MostNamedLocals = 50_000;

    private string?[] _locals = [];

    private void PrintFunction(FuncIndex function)
    {
        FunctionBody body = _module.Bodies[function.Index - _module.ImportedFunctionCount];
        _locals = _names.LocalsOf(function, CountLocals(function, body));
        PrintFieldStart(ExternKind.Function, function.Index);
        PrintTypeUse(_module.Functions[function.Index], _locals);
        _to.Write('\n');
        PrintLocals(function, body);
        PrintBody(body);
        _to.Write("  )\n");
    }

    private void PrintLocals(FuncIndex function, FunctionBody body)
    {
        int index = ParameterCount(function);
        foreach (LocalRun run in body.Locals)
        {
            string type = TypeNames.Of(run.Type);
            bool isOpen = false;
            for (uint i = 0; i < run.Count; i++, index++)
            {
                string? name = LocalName(index);
                if (isOpen && name is not null)
                {
                    _to.Write(")\n");
                    isOpen = false;
                }

                _to.Write(isOpen ? $" {type}" : name is null ? $"    (local {type}" : $"    (local {name} {type})\n");
                isOpen = name is null;
            }

            _to.Write(isOpen ? ")\n" : "");
        }
    }

    private void PrintBody(FunctionBody body)
    {
        int depth = 0;
        var reader = new InstructionReader(_module, body.Offset, body.Length);
        var instruction = default(Instruction);
        while (!reader.AtEnd)
        {
            reader.Read(ref instruction);
            if (instruction.Opcode == Opcode.End && --depth < 0)
            {
                return;   // the end of the body is the parenthesis
            }

            Indent(instruction.Opcode == Opcode.Else ? depth + 1 : depth + 2);
            _to.Write(instruction.Opcode.Text());
            PrintImmediates(in instruction, ref reader, depth);
            if (IsBlock(instruction.Opcode))
            {
                depth++;
                _to.Write($"  ;; label @{depth}");
            }

            _to.Write('\n');
        }
    }

    private void PrintExpression(ConstantExpression expression)
    {
        _locals = [];
        var reader = new InstructionReader(_module, expression.Offset, expression.Length);
        var instruction = default(Instruction);
        string separator = "";
        while (!reader.AtEnd)
        {
            reader.Read(ref instruction);
            if (instruction.Opcode == Opcode.End)
            {
                return;
            }

            _to.Write(separator);
            _to.Write(instruction.Opcode.Text());
            PrintImmediates(in instruction, ref reader, depth: 0);
            separator = " ";
        }
    }

    private void PrintImmediates(in Instruction instruction, ref InstructionReader reader, int depth)
    {
        switch (instruction.Opcode.Immediates())
        {
            case ImmediateKind.None or ImmediateKind.Zero:
                break;
            case ImmediateKind.Block:
                PrintBlockType(instruction.Block);
                break;
            case ImmediateKind.BlockCatches:
                PrintBlockType(instruction.Block);
                PrintCatches(reader.Catches, depth);
                break;
            case ImmediateKind.Label:
                PrintLabel(instruction.Index, depth);
                break;
            case ImmediateKind.Labels:
                foreach (int label in reader.Labels)
                {
                    PrintLabel(label, depth);
                }

                break;
            case ImmediateKind.Types:
                _to.Write(reader.SelectTypes.Length == 0 ? " (result)" : "");
                PrintDeclarations("result", reader.SelectTypes, names: null);
                break;
            case ImmediateKind.I32:
                _to.Write($" {(int)instruction.Bits}");
                break;
            case ImmediateKind.I64:
                _to.Write($" {(long)instruction.Bits}");
                break;
            case ImmediateKind.F32:
                _to.Write(' ');
                _to.Write(FloatNames.OfSingle((uint)instruction.Bits));
                break;
            case ImmediateKind.F64:
                _to.Write(' ');
                _to.Write(FloatNames.OfDouble(instruction.Bits));
                break;
            case ImmediateKind.V128:
                _to.Write(" i32x4");
                for (int lane = 0; lane < 4; lane++)
                {
                    _to.Write($" 0x{(uint)(instruction.Vector >> (32 * lane)):x8}");
                }

                break;
            case ImmediateKind.Lanes:
                for (int lane = 0; lane < 16; lane++)
                {
                    _to.Write($" {(byte)(instruction.Vector >> (8 * lane))}");
                }

                break;
            case ImmediateKind.Lane:
                _to.Write($" {instruction.Lane}");
                break;
            case ImmediateKind.Heap:
                _to.Write(' ');
                _to.Write(instruction.Opcode == Opcode.RefNull
                    ? TypeNames.Of(instruction.Heap) : TypeNames.Of(instruction.Type));
                break;
            case ImmediateKind.Cast:
                PrintLabel(instruction.Index, depth);
                _to.Write($" {TypeNames.Of(instruction.Type)} {TypeNames.Of(instruction.Type2)}");
                break;
            case ImmediateKind.Memarg or ImmediateKind.MemargLane:
                PrintMemarg(in instruction);
                break;
            default:
                PrintIndices(in instruction);
                break;
        }
    }

    // Indices that are zero by default are left out where that is usual.
    private void PrintIndices(in Instruction instruction)
    {
        uint index = (uint)instruction.Index;
        uint index2 = (uint)instruction.Index2;
        uint memory = (uint)instruction.Memory;
        switch (instruction.Opcode.Immediates())
        {
            case ImmediateKind.Func:
                _to.Write(' ');
                _to.Write(_names.Reference(new FuncIndex(instruction.Index)));
                break;
            case ImmediateKind.Local:
                _to.Write(' ');
                _to.Write(LocalName(instruction.Index) ?? $"{index}");
                break;
            case ImmediateKind.TypeTable:
                _to.Write(index2 == 0 ? "" : $" {index2}");
                PrintTypeUse(new TypeIndex(instruction.Index), locals: null);
                break;
            case ImmediateKind.ElemTable:
                _to.Write(index2 == 0 ? $" {index}" : $" {index2} {index}");
                break;
            case ImmediateKind.DataMemory:
                _to.Write(memory == 0 ? $" {index}" : $" {memory} {index}");
                break;
            case ImmediateKind.Memory:
                _to.Write(memory == 0 ? "" : $" {memory}");
                break;
            case ImmediateKind.MemoryMemory:
                _to.Write((memory | index2) == 0 ? "" : $" {memory} {index2}");
                break;
            case ImmediateKind.TableTable:
                _to.Write((index | index2) == 0 ? "" : $" {index} {index2}");
                break;
            case ImmediateKind.TypeType or ImmediateKind.TypeField or ImmediateKind.TypeCount
                or ImmediateKind.TypeData or ImmediateKind.TypeElem:
                _to.Write($" {index} {index2}");
                break;
            default:
                _to.Write($" {index}");
                break;
        }
    }

    private void PrintMemarg(in Instruction instruction)
    {
        _to.Write(instruction.Memory == 0 ? "" : $" {(uint)instruction.Memory}");
        _to.Write(instruction.Bits == 0 ? "" : $" offset={instruction.Bits}");
        _to.Write(instruction.Align == instruction.Opcode.NaturalAlignment() ? "" : $" align={1UL << instruction.Align}");
        if (instruction.Opcode.Immediates() == ImmediateKind.MemargLane)
        {
            _to.Write($" {instruction.Lane}");
        }
    }

    private void PrintBlockType(BlockType block)
    {
        if (block.Type is { } type)
        {
            PrintTypeUse(type, locals: null);
        }
        else if (block.Result is { } result)
        {
            _to.Write($" (result {TypeNames.Of(result)})");
        }
    }

    private void PrintCatches(ReadOnlySpan<CatchClause> clauses, int depth)
    {
        foreach (CatchClause clause in clauses)
        {
            _to.Write(clause.Kind switch
            {
                CatchKind.Catch => $" (catch {(uint)clause.Tag.Index}",
                CatchKind.CatchRef => $" (catch_ref {(uint)clause.Tag.Index}",
                CatchKind.CatchAll => " (catch_all",
                _ => " (catch_all_ref",
            });
            PrintLabel(clause.Depth, depth);
            _to.Write(')');
        }
    }

    // The depth counts from the innermost block; the comment names the block as its line does.
    private void PrintLabel(int label, int depth)
    {
        _to.Write($" {(uint)label}");
        if (label < depth)
        {
            _to.Write($" (;@{depth - label};)");
        }
    }

    private string? LocalName(int index) => (uint)index < (uint)_locals.Length ? _locals[index] : null;

    private int ParameterCount(FuncIndex function)
    {
        int type = _module.Functions[function.Index].Index;
        return (uint)type < (uint)_module.Types.Length && _module.Types[type].Composite is FunctionType signature
            ? signature.Parameters.Length : 0;
    }

    private int CountLocals(FuncIndex function, FunctionBody body)
    {
        long count = ParameterCount(function);
        foreach (LocalRun run in body.Locals)
        {
            count += run.Count;
        }

        return (int)Math.Min(count, MostNamedLocals);
    }

    private static bool IsBlock(Opcode opcode) =>
        opcode is Opcode.Block or Opcode.Loop or Opcode.If or Opcode.TryTable;
}
