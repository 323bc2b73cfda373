namespace Wisp.Compiler.X64;

// Vector instructions, in one of their two encodings. SSE has no place for a second source: there the caller sees to it that the
// result is also the first operand.
internal sealed partial class X64Assembler
{
    /// <summary>A vector instruction with a register in ModRM.rm.</summary>
    public void Vector(in X64VectorEncoding encoding, bool vex, int reg, int second, int rm)
    {
        if (vex)
        {
            VexRegReg(encoding.Size, encoding.Prefix, encoding.Map, encoding.Opcode & 0xFF, reg, second, rm);
        }
        else
        {
            RegReg(encoding.Size, encoding.Prefix, encoding.Opcode, reg, rm);
        }
    }

    /// <summary>A vector instruction with memory in ModRM.rm.</summary>
    public void VectorMem(in X64VectorEncoding encoding, bool vex, int reg, int second, in X64Address address)
    {
        if (vex)
        {
            VexRegMem(encoding.Size, encoding.Prefix, encoding.Map, encoding.Opcode & 0xFF, reg, second, address);
        }
        else
        {
            RegMem(encoding.Size, encoding.Prefix, encoding.Opcode, reg, address);
        }
    }

    /// <summary>A vector instruction with an operand at rip plus a displacement that is patched later.</summary>
    /// <returns>Position of the displacement.</returns>
    public int VectorRip(in X64VectorEncoding encoding, bool vex, int reg, int second) => vex
        ? VexRegRip(encoding.Size, encoding.Prefix, encoding.Map, encoding.Opcode & 0xFF, reg, second)
        : RegRip(encoding.Size, encoding.Prefix, encoding.Opcode, reg);
}
