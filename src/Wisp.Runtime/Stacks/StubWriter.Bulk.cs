using static Wisp.Abi.MachineRegister;

namespace Wisp.Stacks;

/// <content>memmove and memset for guest code; the caller has checked the bounds, so neither faults.</content>
internal sealed partial class StubWriter
{
    // Below this, the start-up of "rep movsb" costs more than a loop.
    private const int RepeatFrom = 512;

    // memmove(rdi, rsi, rdx): clobbers rax, rcx, rdx, rsi, rdi, r8, xmm0, xmm1.
    private void Copy()
    {
        int few = _a.NewLabel();
        int backward = _a.NewLabel();
        int repeat = _a.NewLabel();
        int loop = _a.NewLabel();

        _a.Compare(Rdx, 32);
        _a.JumpIf(Condition.Below, few);
        _a.Move(Rax, Rdi);
        _a.Subtract(Rax, Rsi);
        _a.Compare(Rax, Rdx);
        _a.JumpIf(Condition.Below, backward);   // the destination starts inside the source
        _a.Compare(Rdx, RepeatFrom);
        _a.JumpIf(Condition.AboveOrEqual, repeat);

        _a.Bind(loop);
        _a.LoadVector(Xmm0, Rsi, 0);
        _a.LoadVector(Xmm1, Rsi, 16);
        _a.StoreVector(Rdi, 0, Xmm0);
        _a.StoreVector(Rdi, 16, Xmm1);
        Step(32);
        _a.Compare(Rdx, 32);
        _a.JumpIf(Condition.AboveOrEqual, loop);
        CopyFew(few);

        _a.Bind(repeat);
        _a.Move(Rcx, Rdx);
        _a.RepeatMoveBytes();
        _a.Return();

        int backwardLoop = _a.NewLabel();
        _a.Bind(backward);
        _a.Add(Rsi, Rdx);
        _a.Add(Rdi, Rdx);
        _a.Bind(backwardLoop);
        _a.LoadVector(Xmm0, Rsi, -16);
        _a.LoadVector(Xmm1, Rsi, -32);
        _a.StoreVector(Rdi, -16, Xmm0);
        _a.StoreVector(Rdi, -32, Xmm1);
        _a.Subtract(Rsi, 32);
        _a.Subtract(Rdi, 32);
        _a.Subtract(Rdx, 32);
        _a.Compare(Rdx, 32);
        _a.JumpIf(Condition.AboveOrEqual, backwardLoop);
        _a.Subtract(Rsi, Rdx);
        _a.Subtract(Rdi, Rdx);
        _a.Jump(few);
    }

    // Below 32 bytes: the first and the last part, which overlap or meet, both read before either is written. So the direction
    // does not matter.
    private void CopyFew(int few)
    {
        int below16 = _a.NewLabel();
        int below8 = _a.NewLabel();
        int below4 = _a.NewLabel();
        int upTo2 = _a.NewLabel();
        int done = _a.NewLabel();
        _a.Bind(few);
        _a.Compare(Rdx, 16);
        _a.JumpIf(Condition.Below, below16);
        _a.LoadVector(Xmm0, Rsi, 0);
        _a.Add(Rsi, Rdx);
        _a.LoadVector(Xmm1, Rsi, -16);
        _a.StoreVector(Rdi, 0, Xmm0);
        _a.Add(Rdi, Rdx);
        _a.StoreVector(Rdi, -16, Xmm1);
        _a.Return();

        _a.Bind(below16);
        _a.Compare(Rdx, 8);
        _a.JumpIf(Condition.Below, below8);
        _a.Load(Rax, Rsi, 0);
        _a.Add(Rsi, Rdx);
        _a.Load(Rcx, Rsi, -8);
        _a.Store(Rdi, 0, Rax);
        _a.Add(Rdi, Rdx);
        _a.Store(Rdi, -8, Rcx);
        _a.Return();

        _a.Bind(below8);
        _a.Compare(Rdx, 4);
        _a.JumpIf(Condition.Below, below4);
        _a.Load32(Rax, Rsi, 0);
        _a.Add(Rsi, Rdx);
        _a.Load32(Rcx, Rsi, -4);
        _a.Store32(Rdi, 0, Rax);
        _a.Add(Rdi, Rdx);
        _a.Store32(Rdi, -4, Rcx);
        _a.Return();

        _a.Bind(below4);
        _a.Test(Rdx, Rdx);
        _a.JumpIf(Condition.Equal, done);
        _a.Load8(Rax, Rsi, 0);
        _a.Add(Rsi, Rdx);
        _a.Load8(Rcx, Rsi, -1);
        _a.Compare(Rdx, 3);
        _a.JumpIf(Condition.Below, upTo2);
        _a.Load8(R8, Rsi, -2);
        _a.Store8(Rdi, 1, R8);
        _a.Bind(upTo2);
        _a.Store8(Rdi, 0, Rax);
        _a.Add(Rdi, Rdx);
        _a.Store8(Rdi, -1, Rcx);
        _a.Bind(done);
        _a.Return();
    }

    // memset(rdi, sil, rdx): clobbers rax, rcx, rdx, rdi.
    private void Fill()
    {
        int loop = _a.NewLabel();
        int bytes = _a.NewLabel();
        int done = _a.NewLabel();
        int repeat = _a.NewLabel();
        _a.ZeroExtend8(Rax, Rsi);
        _a.Compare(Rdx, RepeatFrom);
        _a.JumpIf(Condition.AboveOrEqual, repeat);
        _a.LoadImmediate(Rcx, 0x0101_0101_0101_0101);
        _a.Multiply(Rax, Rcx);
        _a.Bind(loop);
        _a.Compare(Rdx, 8);
        _a.JumpIf(Condition.Below, bytes);
        _a.Store(Rdi, 0, Rax);
        _a.Add(Rdi, 8);
        _a.Subtract(Rdx, 8);
        _a.Jump(loop);
        _a.Bind(bytes);
        _a.Test(Rdx, Rdx);
        _a.JumpIf(Condition.Equal, done);
        _a.Store8(Rdi, 0, Rax);
        _a.Add(Rdi, 1);
        _a.Subtract(Rdx, 1);
        _a.Jump(bytes);
        _a.Bind(done);
        _a.Return();
        _a.Bind(repeat);
        _a.Move(Rcx, Rdx);
        _a.RepeatStoreBytes();
        _a.Return();
    }

    private void Step(int bytes)
    {
        _a.Add(Rsi, bytes);
        _a.Add(Rdi, bytes);
        _a.Subtract(Rdx, bytes);
    }
}
