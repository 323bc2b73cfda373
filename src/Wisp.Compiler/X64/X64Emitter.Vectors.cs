using Wisp.Abi;
using Wisp.Compiler.Allocation;
using Wisp.Compiler.Machine;

namespace Wisp.Compiler.X64;

// Vector instructions: what a row of the table says, with the places that the allocator gave.
//
// With AVX every one of them is in VEX, where memory needs no alignment and the result has a register of its own. Without, the selector
// ties the result to the first operand, and the only memory operands of 16 bytes are constants, which are aligned.
internal sealed partial class X64Emitter
{
    private void EmitVector(in MachineInst inst)
    {
        X64VectorOp op = X64VectorOps.Of(inst.Op);
        X64VectorEncoding encoding = op.Encoding();
        switch (encoding.Form)
        {
            case X64VectorForm.Unary:
                if (op == X64VectorOp.Movaps && PlaceOf(inst, 0) == Location.Of(Last(inst)))
                {
                    return;
                }

                VectorOperand(encoding, inst, (int)Last(inst), 0, 0);
                break;
            case X64VectorForm.Binary:
                VectorOperand(encoding, inst, (int)Last(inst), (int)Register(inst, 0), 1);
                break;
            case X64VectorForm.Shift:
                _asm.Vector(encoding, HasAvx, encoding.Digit, (int)Last(inst), (int)Register(inst, 0));
                break;
            case X64VectorForm.Store when ReadsMemory(inst):
                MarkFault(inst);
                _asm.VectorMem(encoding, HasAvx, (int)Register(inst, 0), 0, AddressOf(inst));
                break;
            case X64VectorForm.Store:
                _asm.Vector(encoding, HasAvx, (int)Register(inst, 0), 0, (int)Last(inst));
                break;
            default:
                VectorOperand(encoding, inst, (int)Last(inst), (int)Register(inst, 0), 1);
                _asm.Byte(((int)Register(inst, 2) & 15) << 4);
                break;
        }

        if (encoding.HasImmediate)
        {
            _asm.Byte((int)inst.Immediate);
        }
    }

    // The operand in ModRM.rm: a constant, memory, or the place of an operand.
    private void VectorOperand(in X64VectorEncoding encoding, in MachineInst inst, int reg, int second, int operand)
    {
        int behind = encoding.HasImmediate || encoding.Form == X64VectorForm.Blend ? 1 : 0;
        if (inst.BaseOperand == MachineInst.ConstantBase)
        {
            _constantFixups.Add((_asm.VectorRip(encoding, HasAvx, reg, second), inst.Displacement, behind));
        }
        else if (ReadsMemory(inst))
        {
            MarkFault(inst);
            _asm.VectorMem(encoding, HasAvx, reg, second, AddressOf(inst));
        }
        else if (PlaceOf(inst, operand) is { IsSlot: true } slot)
        {
            _asm.VectorMem(encoding, HasAvx, reg, second, Slot(slot));
        }
        else
        {
            _asm.Vector(encoding, HasAvx, reg, second, (int)Register(inst, operand));
        }
    }

    private void VectorTest(in MachineInst inst)
    {
        X64VectorEncoding encoding = X64VectorOp.Ptest.Encoding();
        VectorOperand(encoding, inst, (int)Register(inst, 0), 0, 1);
    }

    private void LoadOnes(MachineRegister register)
    {
        X64VectorEncoding encoding = X64VectorOp.Pcmpeqd.Encoding();
        _asm.Vector(encoding, HasAvx, (int)register, (int)register, (int)register);
    }
}
