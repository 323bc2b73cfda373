using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;

namespace Wisp.Wasm.Validation;

// Constant expressions.   https://webassembly.github.io/spec/core/valid/instructions.html#constant-expressions
internal sealed partial class FunctionValidator
{
    /// <summary>Validates an expression, and declares the functions that it refers to.</summary>
    /// <param name="expression">The expression.</param>
    /// <param name="wanted">The type of its value.</param>
    /// <param name="globals">How many globals, from the first one, it may read.</param>
    public void ValidateConstant(ConstantExpression expression, OperandType wanted, int globals)
    {
        Reset(expression.Offset);
        _initializedCount = 0;
        _localCount = 0;
        PushFrame(ControlKind.Function, -1, wanted);
        var reader = new InstructionReader(_module.Bytes.Span, expression.Offset, expression.Length, _lists);
        Instruction instruction = default;
        while (_depth > 0)
        {
            reader.Read(ref instruction);
            _offset = instruction.Offset;
            CheckConstant(in instruction, globals);
            Check(ref instruction, ref reader);
        }
    }

    private void CheckConstant(in Instruction instruction, int globals)
    {
        switch (instruction.Opcode)
        {
            case Opcode.GlobalGet:
                if ((uint)instruction.Index >= (uint)globals)
                {
                    Invalid.Unknown("global", instruction.Index, _offset);
                }

                if (_module.Globals[instruction.Index].IsMutable)
                {
                    Invalid.Because($"constant expression required: global {instruction.Index} is mutable", _offset);
                }

                break;
            case Opcode.RefFunc:
                TypeOfFunction(instruction.Index);
                _context.Declared[instruction.Index] = true;
                break;
            case Opcode.End:
            case Opcode.I32Const:
            case Opcode.I64Const:
            case Opcode.F32Const:
            case Opcode.F64Const:
            case Opcode.V128Const:
            case Opcode.I32Add:
            case Opcode.I32Sub:
            case Opcode.I32Mul:
            case Opcode.I64Add:
            case Opcode.I64Sub:
            case Opcode.I64Mul:
            case Opcode.RefNull:
            case Opcode.RefI31:
            case Opcode.StructNew:
            case Opcode.StructNewDefault:
            case Opcode.ArrayNew:
            case Opcode.ArrayNewDefault:
            case Opcode.ArrayNewFixed:
            case Opcode.AnyConvertExtern:
            case Opcode.ExternConvertAny:
                break;
            default:
                Invalid.Because($"constant expression required: {instruction.Opcode.Text()} is not constant", _offset);
                break;
        }
    }
}
