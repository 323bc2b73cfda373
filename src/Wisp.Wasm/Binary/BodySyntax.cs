using Wisp.Wasm.Model;

namespace Wisp.Wasm.Binary;

/// <summary>Finds what is malformed about bodies, in a module that is known to be bad.</summary>
/// <remarks>
/// Bodies are decoded only while they are validated, so another fault could hide that a body is malformed. A module that fails is
/// therefore read once more for the syntax of its bodies: malformed wins over invalid and earlier bytes over later ones, as for the
/// specification, which decodes everything in order and only then validates. As in the reference decoder a body may read past its end.
/// </remarks>
internal static class BodySyntax
{
    /// <summary>Throws the first syntax error in bodies, if there is one.</summary>
    /// <param name="module">The bytes of the module.</param>
    /// <param name="bodies">Its bodies.</param>
    /// <param name="hasDataCount">Whether it has a data count section.</param>
    public static void Check(ReadOnlySpan<byte> module, ReadOnlySpan<FunctionBody> bodies, bool hasDataCount)
    {
        var lists = new InstructionReader.OperandLists();
        var open = new Stack<Opcode>();
        foreach (FunctionBody body in bodies)
        {
            var reader = new InstructionReader(module, body.Offset, module.Length - body.Offset, lists);
            CheckBody(ref reader, open, hasDataCount);
            if (reader.Offset != body.Offset + body.Length)
            {
                Malformed.SectionSize(reader.Offset);
            }
        }
    }

    private static void CheckBody(ref InstructionReader reader, Stack<Opcode> open, bool hasDataCount)
    {
        Instruction instruction = default;
        open.Clear();
        open.Push(Opcode.Block);
        while (open.Count > 0)
        {
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
                    if (!hasDataCount)
                    {
                        Malformed.DataCountMissing(instruction.Offset);
                    }

                    break;
                default:
                    break;
            }
        }
    }
}
