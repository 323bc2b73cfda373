using Wisp.Compiler;
using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;

namespace Wisp.Linking;

/// <summary>Evaluates constant expressions: those of WebAssembly 2.0, extended constants, and arrays of default values.</summary>
/// <remarks>Source: <see href="https://webassembly.github.io/spec/core/valid/instructions.html#constant-expressions">constant
/// expressions</see>.</remarks>
internal static class ConstantEvaluator
{
    private const int UsualDepth = 16;

    /// <summary>The value, its bits in the low end.</summary>
    /// <param name="module">The validated module.</param>
    /// <param name="expression">The expression.</param>
    /// <param name="function">The reference value of a function.</param>
    /// <param name="global">The value of a global.</param>
    /// <param name="allocated">The reference value of an object that the expression makes.</param>
    public static UInt128 Evaluate(
        WasmModule module, ConstantExpression expression, Func<int, ulong> function, Func<int, UInt128> global,
        Func<GuestArray, ulong> allocated)
    {
        var reader = new InstructionReader(module, expression.Offset, expression.Length);
        var instruction = default(Instruction);
        Span<UInt128> stack = stackalloc UInt128[UsualDepth];
        int depth = 0;
        while (true)
        {
            reader.Read(ref instruction);
            if (instruction.Opcode == Opcode.End)
            {
                return stack[depth - 1];
            }

            if (instruction.Opcode == Opcode.ArrayNewDefault)
            {
                stack[depth - 1] = allocated(new GuestArray(new TypeIndex(instruction.Index), (uint)stack[depth - 1]));
                continue;
            }

            if (depth == stack.Length)
            {
                Span<UInt128> larger = new UInt128[stack.Length * 2];
                stack.CopyTo(larger);
                stack = larger;
            }

            if (IsOperator(instruction.Opcode))
            {
                depth--;
                stack[depth - 1] = Operate(instruction.Opcode, (ulong)stack[depth - 1], (ulong)stack[depth]);
            }
            else
            {
                stack[depth++] = Push(in instruction, function, global);
            }
        }
    }

    /// <summary>The value of an expression that is one constant, known without an instance.</summary>
    public static bool TryConstant(WasmModule module, ConstantExpression expression, out UInt128 value)
    {
        var reader = new InstructionReader(module, expression.Offset, expression.Length);
        var instruction = default(Instruction);
        reader.Read(ref instruction);
        bool isConstant = instruction.Opcode is Opcode.I32Const or Opcode.I64Const or Opcode.F32Const or Opcode.F64Const
            or Opcode.V128Const or Opcode.RefNull;
        value = isConstant ? Push(in instruction, static _ => 0, static _ => 0) : default;
        reader.Read(ref instruction);
        return isConstant && instruction.Opcode == Opcode.End;
    }

    private static UInt128 Push(in Instruction instruction, Func<int, ulong> function, Func<int, UInt128> global) =>
        instruction.Opcode switch
        {
            Opcode.I32Const or Opcode.F32Const => (uint)instruction.Bits,
            Opcode.I64Const or Opcode.F64Const => instruction.Bits,
            Opcode.V128Const => instruction.Vector,
            Opcode.RefNull => UInt128.Zero,
            Opcode.RefFunc => function(instruction.Index),
            Opcode.GlobalGet => global(instruction.Index),
            _ => throw new UnsupportedFeatureException(
                $"not supported yet: {instruction.Opcode} in a constant expression at offset 0x{instruction.Offset:x}"),
        };

    private static bool IsOperator(Opcode opcode) => opcode is Opcode.I32Add or Opcode.I32Sub or Opcode.I32Mul
        or Opcode.I64Add or Opcode.I64Sub or Opcode.I64Mul;

    private static ulong Operate(Opcode opcode, ulong left, ulong right) => opcode switch
    {
        Opcode.I32Add => (uint)left + (uint)right,
        Opcode.I32Sub => (uint)left - (uint)right,
        Opcode.I32Mul => (uint)left * (uint)right,
        Opcode.I64Add => left + right,
        Opcode.I64Sub => left - right,
        _ => left * right,
    };
}
