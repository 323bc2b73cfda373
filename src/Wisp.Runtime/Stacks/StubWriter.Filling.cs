using static Wisp.Abi.MachineRegister;

namespace Wisp.Stacks;

// memset(rdi, sil, rdx), in the same parts as a copy. rax holds the byte eight times, xmm0 sixteen or thirty-two times.
internal sealed partial class StubWriter
{
    // Clobbers rax, rcx, rdx, rdi, xmm0.
    private void Fill()
    {
        int few = _a.NewLabel();
        int two = _a.NewLabel();
        int four = _a.NewLabel();
        int last = _a.NewLabel();
        int loop = _a.NewLabel();
        int repeat = _a.NewLabel();
        int width = VectorBytes;
        _a.ZeroExtend8(Rax, Rsi);
        _a.LoadImmediate(Rcx, 0x0101_0101_0101_0101);
        _a.Multiply(Rax, Rcx);
        _a.Compare(Rdx, 16);
        _a.JumpIf(Condition.Below, few);
        _a.MoveToVector(Xmm0, Rax);
        _a.DuplicateLowHalf(Xmm0);
        _a.Compare(Rdx, 32);
        _a.JumpIf(Condition.BelowOrEqual, two);
        if (_options.HasAvx)
        {
            _a.DuplicateLowVector(Xmm0);
        }

        _a.Compare(Rdx, 4 * width);
        _a.JumpIf(Condition.BelowOrEqual, four);
        if (_options.HasFastRepeat)
        {
            _a.Compare(Rdx, LongRun);
            _a.JumpIf(Condition.AboveOrEqual, repeat);
        }

        _a.LoadAddress(Rsi, Rdi, 0);
        _a.Add(Rsi, Rdx);            // the end
        StorePart(Rdi, 0, Xmm0);
        _a.Move(Rcx, Rdi);
        _a.And(Rcx, width - 1);
        _a.Subtract(Rcx, width);     // minus the distance to the next aligned address
        _a.Subtract(Rdi, Rcx);
        _a.Add(Rdx, Rcx);
        _a.Compare(Rdx, 4 * width);
        _a.JumpIf(Condition.BelowOrEqual, last);
        _a.Bind(loop);
        for (int part = 0; part < 4; part++)
        {
            StorePart(Rdi, part * width, Xmm0);
        }

        _a.Add(Rdi, 4 * width);
        _a.Subtract(Rdx, 4 * width);
        _a.Compare(Rdx, 4 * width);
        _a.JumpIf(Condition.Above, loop);
        _a.Bind(last);
        for (int part = 0; part < 4; part++)
        {
            StorePart(Rsi, (part - 4) * width, Xmm0);
        }

        ReturnFromVectors();

        // 33 to 4 W bytes: with 32-byte vectors, fewer than 64 take two of them.
        _a.Bind(four);
        int twoWide = _a.NewLabel();
        _a.LoadAddress(Rcx, Rdi, 0);
        _a.Add(Rcx, Rdx);
        StorePart(Rdi, 0, Xmm0);
        StorePart(Rcx, -width, Xmm0);
        _a.Compare(Rdx, 2 * width);
        _a.JumpIf(Condition.BelowOrEqual, twoWide);
        StorePart(Rdi, width, Xmm0);
        StorePart(Rcx, -2 * width, Xmm0);
        _a.Bind(twoWide);
        ReturnFromVectors();

        _a.Bind(two);
        _a.StoreVector(Rdi, 0, Xmm0);
        _a.Add(Rdi, Rdx);
        _a.StoreVector(Rdi, -16, Xmm0);
        _a.Return();

        _a.Bind(repeat);
        _a.Move(Rcx, Rdx);
        _a.RepeatStoreBytes();
        ReturnFromVectors();
        FillFew(few);
    }

    // Below 16 bytes.
    private void FillFew(int few)
    {
        int below8 = _a.NewLabel();
        int below4 = _a.NewLabel();
        int done = _a.NewLabel();
        _a.Bind(few);
        _a.Compare(Rdx, 8);
        _a.JumpIf(Condition.Below, below8);
        _a.Store(Rdi, 0, Rax);
        _a.Add(Rdi, Rdx);
        _a.Store(Rdi, -8, Rax);
        _a.Return();

        _a.Bind(below8);
        _a.Compare(Rdx, 4);
        _a.JumpIf(Condition.Below, below4);
        _a.Store32(Rdi, 0, Rax);
        _a.Add(Rdi, Rdx);
        _a.Store32(Rdi, -4, Rax);
        _a.Return();

        _a.Bind(below4);
        _a.Test(Rdx, Rdx);
        _a.JumpIf(Condition.Equal, done);
        _a.Store8(Rdi, 0, Rax);
        _a.Add(Rdi, Rdx);
        _a.Store8(Rdi, -1, Rax);
        _a.Compare(Rdx, 3);
        _a.JumpIf(Condition.Below, done);
        _a.Store8(Rdi, -2, Rax);
        _a.Bind(done);
        _a.Return();
    }
}
