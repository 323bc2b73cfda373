using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;

namespace Wisp.Wasm.Validation;

/// <summary>What is malformed about bodies, apart from what is invalid.</summary>
/// <remarks>
/// Bodies are decoded while they are validated, so an invalid function could hide that a later byte is malformed. A module that fails is
/// therefore read once more, for its syntax alone: malformed wins, as it does for the specification, which decodes everything first.
/// </remarks>
internal static class Syntax
{
    private const byte EndByte = 0x0b;

    /// <summary>Throws the first syntax error of the module's bodies, if there is one.</summary>
    public static void Check(WasmModule module)
    {
        var lists = new InstructionReader.OperandLists();
        var open = new Stack<Opcode>();
        foreach (FunctionBody body in module.Bodies)
        {
            CheckBody(module, body, lists, open);
        }
    }

    /// <summary>Throws for a body that stops before its end. The suite names it by what the following bytes would have meant.</summary>
    public static void MissingEnd(WasmModule module, FunctionBody body)
    {
        int end = body.Offset + body.Length;
        if (end == module.Bytes.Length)
        {
            Malformed.UnexpectedEnd(end);
        }

        if (module.Bytes.Span[end] == EndByte)
        {
            Malformed.SectionSize(end);
        }

        Malformed.EndExpected(end);
    }

    private static void CheckBody(
        WasmModule module, FunctionBody body, InstructionReader.OperandLists lists, Stack<Opcode> open)
    {
        var reader = new InstructionReader(module.Bytes.Span, body.Offset, body.Length, lists);
        Instruction instruction = default;
        open.Clear();
        open.Push(Opcode.Block);
        while (open.Count > 0)
        {
            if (reader.AtEnd)
            {
                MissingEnd(module, body);
            }

            reader.Read(ref instruction);
            switch (instruction.Opcode)
            {
                case Opcode.Block:
                case Opcode.Loop:
                case Opcode.If:
                case Opcode.TryTable:
                    open.Push(instruction.Opcode);
                    break;
                case Opcode.Else:
                    if (open.Pop() != Opcode.If)
                    {
                        Malformed.EndExpected(instruction.Offset);
                    }

                    open.Push(Opcode.Else);
                    break;
                case Opcode.End:
                    open.Pop();
                    break;
                case Opcode.MemoryInit:
                case Opcode.DataDrop:
                case Opcode.ArrayNewData:
                case Opcode.ArrayInitData:
                    if (module.DataCount is null)
                    {
                        Malformed.DataCountMissing(instruction.Offset);
                    }

                    break;
                default:
                    break;
            }
        }

        if (!reader.AtEnd)
        {
            Malformed.SectionSize(reader.Offset);
        }
    }
}
