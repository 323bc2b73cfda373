using Wisp.Abi;
using Wisp.Compiler.Emission;
using Wisp.Compiler.Machine;
using static Wisp.Abi.MachineRegister;

namespace Wisp.Compiler.X64;

// Calls and tail calls. CallingConvention has the protocol of calls into another context.
internal sealed partial class X64Emitter
{
    private bool EmitCall(in MachineInst inst)
    {
        switch ((X64Op)inst.Op)
        {
            case X64Op.Call:
                CallFunction((int)inst.Immediate);
                Returned(inst);
                return true;
            case X64Op.CallBuiltin when (Builtin)inst.Immediate is Builtin.CopyBytes or Builtin.FillBytes:
                {
                    bool isCopy = (Builtin)inst.Immediate == Builtin.CopyBytes;
                    CallMemory(R15, isCopy ? VmLayout.CopyStub : VmLayout.FillStub);
                    return true;
                }

            case X64Op.CallBuiltin:
                LoadImmediate(R10, inst.Immediate);
                CallMemory(R15, VmLayout.BuiltinStub);
                Returned(inst);
                return true;
            case X64Op.CallImport:
                _asm.RegMem(8, 0, X64Opcode.MovLoad, (int)R10, X64Address.At(R15, inst.Displacement));
                CallOtherContext(inst);
                return true;
            case X64Op.CallReference:
                CallReference(inst);
                return true;
            case X64Op.CallOwnReference:
                CallMemory(R10, VmLayout.FuncRefCode);
                Returned(inst);
                return true;
            case X64Op.TailCall:
                LeaveForTailCall(inst);
                _relocations.Add(new CodeRelocation(Jmp(), _selector.TailCalls[(int)inst.Immediate].Function));
                return true;
            case X64Op.TailCallImport:
                _asm.RegMem(8, 0, X64Opcode.MovLoad, (int)R10, X64Address.At(R15, inst.Displacement));
                CallThenReturn(inst);
                return true;
            case X64Op.TailCallOwnReference:
                LeaveForTailCall(inst);
                JumpToCodeOf(R10);
                return true;
            case X64Op.TailCallReference:
                {
                    _asm.RegMem(8, 0, X64Opcode.CmpLoad, (int)R15, X64Address.At(R10, VmLayout.FuncRefContext));
                    int other = Jcc(X64Condition.NotEqual);
                    LeaveForTailCall(inst);
                    JumpToCodeOf(R10);
                    PatchHere(other);
                    CallThenReturn(inst);
                    return true;
                }

            default:
                return false;
        }
    }

    private void CallFunction(int function)
    {
        int start = _asm.Position;
        _asm.Byte(0xE8);
        _asm.Int32(0);
        PlaceJump(start);
        _relocations.Add(new CodeRelocation(_asm.Position - 4, function));
    }

    private void CallMemory(MachineRegister register, int offset)
    {
        int start = _asm.Position;
        _asm.RegMem(4, 0, X64Opcode.CallNear, X64Opcode.CallNearDigit, X64Address.At(register, offset));
        PlaceJump(start);
    }

    private void JumpToCodeOf(MachineRegister reference)
    {
        int start = _asm.Position;
        _asm.RegMem(4, 0, X64Opcode.JumpNear, X64Opcode.JumpNearDigit, X64Address.At(reference, VmLayout.FuncRefCode));
        PlaceJump(start);
    }

    private void Returned(in MachineInst inst) => _calls.Add(new CallSite(_asm.Position, inst.SourceOffset));

    private void CallReference(in MachineInst inst)
    {
        _asm.RegMem(8, 0, X64Opcode.CmpLoad, (int)R15, X64Address.At(R10, VmLayout.FuncRefContext));
        int other = Jcc(X64Condition.NotEqual);
        CallMemory(R10, VmLayout.FuncRefCode);
        Returned(inst);
        int done = Jmp();
        PatchHere(other);
        CallOtherContext(inst);
        PatchHere(done);
    }

    private void CallOtherContext(in MachineInst inst)
    {
        CallMemory(R15, VmLayout.EnterContextStub);
        int start = _asm.Position;
        _asm.RegReg(4, 0, X64Opcode.CallNear, X64Opcode.CallNearDigit, (int)R11);
        PlaceJump(start);
        Returned(inst);
        _asm.RegMem(8, 0, X64Opcode.MovLoad, (int)R15, X64Address.At(Rbp, -8));
        CallMemory(R15, VmLayout.LeaveContextStub);
    }

    // A tail call into another context has to come back here, to restore r15: it is a call and a return.
    private void CallThenReturn(in MachineInst inst)
    {
        (_, int own, _, int results) = _selector.TailCalls[(int)inst.Immediate];
        CallOtherContext(inst);
        for (int offset = 0; offset < results; offset += 8)
        {
            _asm.RegMem(8, 0, X64Opcode.MovLoad, (int)R11, X64Address.At(Rsp, offset));
            _asm.RegMem(8, 0, X64Opcode.MovStore, (int)R11, X64Address.At(Rbp, 16 + own + offset));
        }

        Epilogue();
        Return(own);
    }

    // The callee's arguments lie at rsp. They move to where ours lie, ending where ours end, below the results in memory:
    //
    //     before   rsp: [new arguments] ... rbp: [rbp'] [return] [our arguments] [results]
    //     after                             rsp: [return] [new arguments] [results]          rbp = rbp'
    //
    // The target lies above the source, so the copy runs from the highest word down. rax, r11 and xmm15 carry no argument.
    private void LeaveForTailCall(in MachineInst inst)
    {
        (_, int own, int arguments, _) = _selector.TailCalls[(int)inst.Immediate];
        RestoreSaved();
        if (arguments == 0 && own == 0)
        {
            _asm.RegReg(8, 0, X64Opcode.MovLoad, (int)Rsp, (int)Rbp);
            Pop(Rbp);
            return;
        }

        _asm.RegMem(8, 0, X64Opcode.MovLoad, (int)R11, X64Address.At(Rbp, 8));
        _asm.RegMem(8, 0, X64Opcode.MovLoad, (int)Rax, X64Address.At(Rbp, 0));
        int shift = 16 + own - arguments;
        for (int offset = arguments - 8; offset >= 0; offset -= 8)
        {
            _asm.RegMem(4, 0xF2, X64Opcode.MovFloatLoad, (int)Xmm15, X64Address.At(Rsp, offset));
            _asm.RegMem(4, 0xF2, X64Opcode.MovFloatStore, (int)Xmm15, X64Address.At(Rbp, shift + offset));
        }

        _asm.RegMem(8, 0, X64Opcode.Lea, (int)Rsp, X64Address.At(Rbp, shift - 8));
        _asm.RegMem(8, 0, X64Opcode.MovStore, (int)R11, X64Address.At(Rsp, 0));
        MoveReg(8, Rbp, Rax);
    }
}
