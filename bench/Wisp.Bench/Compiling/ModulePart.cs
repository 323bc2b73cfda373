using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;
using Wisp.Wasm.Text;

namespace Wisp.Bench.Compiling;

/// <summary>Where the next entries of each index space go.</summary>
internal readonly record struct Numbering(int Type, int Function, int Global);

/// <summary>One copy of a module inside a merged one: its indices in the other's index spaces.</summary>
/// <param name="module">The module.</param>
/// <param name="first">Where its own types, functions and globals start.</param>
/// <param name="imports">Where its imported functions are.</param>
internal sealed class ModulePart(WasmModule module, Numbering first, int[] imports)
{
    private readonly WasmWriter _writer = new();

    public WasmModule Module => module;

    public Numbering Next => new(
        first.Type + module.Types.Length, first.Function + module.Bodies.Length, first.Global + module.Globals.Length);

    /// <summary>Whether an instruction may be in code that is rewritten: segments are not renumbered, other types not merged.</summary>
    public static bool CanRewrite(Opcode opcode) =>
        opcode.Feature() <= WasmFeature.BulkMemory
        && opcode.Immediates() is not (ImmediateKind.Data or ImmediateKind.DataMemory or ImmediateKind.Elem or ImmediateKind.ElemTable);

    public int Type(int index) => first.Type + index;

    public int Function(int index) => index < imports.Length ? imports[index] : first.Function + index - imports.Length;

    /// <summary>A body with its locals, every index renumbered. Valid until the next call.</summary>
    public ReadOnlySpan<byte> Rewrite(FunctionBody body)
    {
        _writer.Truncate(0);
        _writer.Unsigned((ulong)body.Locals.Length);
        foreach (LocalRun run in body.Locals)
        {
            _writer.Unsigned(run.Count);
            _writer.Type(run.Type);
        }

        Copy(body.Offset, body.Length);
        return _writer.Written;
    }

    /// <summary>A constant expression, every index renumbered. Valid until the next call.</summary>
    public ReadOnlySpan<byte> Rewrite(ConstantExpression expression)
    {
        _writer.Truncate(0);
        Copy(expression.Offset, expression.Length);
        return _writer.Written;
    }

    private void Copy(int offset, int length)
    {
        var reader = new InstructionReader(module, offset, length);
        Instruction instruction = default;
        while (!reader.AtEnd)
        {
            int start = reader.Offset;
            reader.Read(ref instruction);
            switch (instruction.Opcode.Immediates())
            {
                case ImmediateKind.Func:
                    Write(instruction, Function(instruction.Index));
                    break;
                case ImmediateKind.Global:
                    Write(instruction, first.Global + instruction.Index);
                    break;
                case ImmediateKind.TypeTable:
                    Write(instruction, Type(instruction.Index));
                    _writer.Unsigned((ulong)instruction.Index2);
                    break;
                case ImmediateKind.Block when instruction.Block.Type is { } type:
                    Write(instruction, Type(type.Index));
                    break;
                default:
                    _writer.Bytes(module.Bytes.Span[start..reader.Offset]);
                    break;
            }
        }
    }

    // None of the rewritten instructions has a prefix.
    private void Write(in Instruction instruction, int index)
    {
        _writer.Byte(instruction.Opcode.Code());
        if (instruction.Opcode.Immediates() == ImmediateKind.Block)
        {
            _writer.Signed(index);
        }
        else
        {
            _writer.Unsigned((ulong)index);
        }
    }
}
