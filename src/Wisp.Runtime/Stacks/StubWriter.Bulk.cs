using Wisp.Abi;
using static Wisp.Abi.MachineRegister;

namespace Wisp.Stacks;

// memmove and memset for guest code; the caller has checked the bounds, so neither faults. W is the width of a vector: 32 with AVX,
// else 16.
//
//   bytes            copied by
//   0 to 31          two accesses of the same width, which overlap or meet
//   up to 4 W        two or four vectors, likewise
//   more             a vector at the end where it starts, then groups of four vectors to aligned addresses, then the last four
//   from LongRun     rep movsb, forwards only, where the processor says that it is fast
//
// 1. Parts that overlap others are all read before the first of them is written, and so are the first and the last part of a loop's
//    run: so they may be written in any order, wherever the two runs overlap.
// 2. Between the loops' reads and writes of one round nothing else happens, and a round goes away from what was written. So a run
//    may be copied forwards to lower addresses, and backwards to higher ones.
// 3. Stores are aligned, since one that straddles two lines counts twice; loads count half as much.
internal sealed partial class StubWriter
{
    private static readonly MachineRegister[] Moving = [Xmm0, Xmm1, Xmm2, Xmm3];
    private static readonly MachineRegister[] Kept = [Xmm4, Xmm5, Xmm6, Xmm7];

    // Measured on Zen 4, bytes a nanosecond, loops with 16-byte vectors: 58 at every size. "rep movsb": 48 at 512 bytes, 58 at 1,024, 100 at
    // 4,096, 108 at 16,384. With 32-byte vectors: about 110. Behind the second-level cache it saves other processors the reading of lines.
    private int LongRun => _options.HasAvx ? 16384 : 1024;

    private int VectorBytes => _options.HasAvx ? 32 : 16;

    // memmove(rdi, rsi, rdx): clobbers rax, rcx, rdx, rsi, rdi, r8, xmm0 to xmm8.
    private void Copy()
    {
        int few = _a.NewLabel();
        int two = _a.NewLabel();
        int four = _a.NewLabel();
        int backward = _a.NewLabel();
        int width = VectorBytes;

        _a.Compare(Rdx, 32);
        _a.JumpIf(Condition.Below, few);
        if (_options.HasAvx)
        {
            _a.Compare(Rdx, 64);
            _a.JumpIf(Condition.BelowOrEqual, two);
        }

        _a.Compare(Rdx, 4 * width);
        _a.JumpIf(Condition.BelowOrEqual, four);
        _a.Move(Rax, Rdi);
        _a.Subtract(Rax, Rsi);
        _a.Compare(Rax, Rdx);
        _a.JumpIf(Condition.Below, backward);   // the destination starts inside the source
        CopyForward();
        CopyBackward(backward);

        _a.Bind(four);
        CopyPart(Xmm0, Rsi, 0);
        CopyPart(Xmm1, Rsi, width);
        _a.Add(Rsi, Rdx);
        CopyPart(Xmm2, Rsi, -2 * width);
        CopyPart(Xmm3, Rsi, -width);
        StorePart(Rdi, 0, Xmm0);
        StorePart(Rdi, width, Xmm1);
        _a.Add(Rdi, Rdx);
        StorePart(Rdi, -2 * width, Xmm2);
        StorePart(Rdi, -width, Xmm3);
        ReturnFromVectors();

        _a.Bind(two);
        if (_options.HasAvx)
        {
            CopyPart(Xmm0, Rsi, 0);
            _a.Add(Rsi, Rdx);
            CopyPart(Xmm1, Rsi, -width);
            StorePart(Rdi, 0, Xmm0);
            _a.Add(Rdi, Rdx);
            StorePart(Rdi, -width, Xmm1);
            ReturnFromVectors();
        }

        CopyFew(few);
    }

    // xmm4 to xmm7 hold the last four vectors, xmm8 the first; rax and rcx are where they go.
    private void CopyForward()
    {
        int width = VectorBytes;
        int loop = _a.NewLabel();
        int last = _a.NewLabel();
        int repeat = _a.NewLabel();
        if (_options.HasFastRepeat)
        {
            _a.Compare(Rdx, LongRun);
            _a.JumpIf(Condition.AboveOrEqual, repeat);
        }

        CopyPart(Xmm8, Rsi, 0);
        _a.LoadAddress(Rcx, Rsi, 0);
        _a.Add(Rcx, Rdx);
        for (int part = 0; part < 4; part++)
        {
            CopyPart(Kept[part], Rcx, (part - 4) * width);
        }

        _a.Move(Rax, Rdi);
        _a.Move(Rcx, Rdi);
        _a.Add(Rcx, Rdx);
        _a.Move(R8, Rdi);
        _a.And(R8, width - 1);
        _a.Subtract(R8, width);      // minus the distance to the next aligned address, 1 to W
        _a.Subtract(Rdi, R8);
        _a.Subtract(Rsi, R8);
        _a.Add(Rdx, R8);
        _a.Compare(Rdx, 4 * width);
        _a.JumpIf(Condition.BelowOrEqual, last);
        _a.Bind(loop);
        for (int part = 0; part < 4; part++)
        {
            CopyPart(Moving[part], Rsi, part * width);
        }

        for (int part = 0; part < 4; part++)
        {
            StorePart(Rdi, part * width, Moving[part]);
        }

        _a.Add(Rsi, 4 * width);
        _a.Add(Rdi, 4 * width);
        _a.Subtract(Rdx, 4 * width);
        _a.Compare(Rdx, 4 * width);
        _a.JumpIf(Condition.Above, loop);
        _a.Bind(last);
        for (int part = 0; part < 4; part++)
        {
            StorePart(Rcx, (part - 4) * width, Kept[part]);
        }

        StorePart(Rax, 0, Xmm8);
        ReturnFromVectors();

        _a.Bind(repeat);
        _a.Move(Rcx, Rdx);
        _a.RepeatMoveBytes();
        _a.Return();
    }

    // xmm4 to xmm7 hold the first four vectors, xmm8 the last; rax and rcx are where they go.
    private void CopyBackward(int backward)
    {
        int width = VectorBytes;
        int loop = _a.NewLabel();
        int first = _a.NewLabel();
        _a.Bind(backward);
        for (int part = 0; part < 4; part++)
        {
            CopyPart(Kept[part], Rsi, part * width);
        }

        _a.Move(Rax, Rdi);
        _a.Add(Rsi, Rdx);
        _a.Add(Rdi, Rdx);
        _a.Move(Rcx, Rdi);
        CopyPart(Xmm8, Rsi, -width);
        _a.LoadAddress(R8, Rdi, -1);
        _a.And(R8, width - 1);
        _a.Add(R8, 1);               // the distance to the aligned address before, 1 to W
        _a.Subtract(Rdi, R8);
        _a.Subtract(Rsi, R8);
        _a.Subtract(Rdx, R8);
        _a.Compare(Rdx, 4 * width);
        _a.JumpIf(Condition.BelowOrEqual, first);
        _a.Bind(loop);
        for (int part = 0; part < 4; part++)
        {
            CopyPart(Moving[part], Rsi, (-1 - part) * width);
        }

        for (int part = 0; part < 4; part++)
        {
            StorePart(Rdi, (-1 - part) * width, Moving[part]);
        }

        _a.Subtract(Rsi, 4 * width);
        _a.Subtract(Rdi, 4 * width);
        _a.Subtract(Rdx, 4 * width);
        _a.Compare(Rdx, 4 * width);
        _a.JumpIf(Condition.Above, loop);
        _a.Bind(first);
        for (int part = 0; part < 4; part++)
        {
            StorePart(Rax, part * width, Kept[part]);
        }

        StorePart(Rcx, -width, Xmm8);
        ReturnFromVectors();
    }

    // Below 32 bytes: the first and the last part.
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

    private void CopyPart(MachineRegister to, MachineRegister from, int displacement)
    {
        if (_options.HasAvx)
        {
            _a.LoadWideVector(to, from, displacement);
        }
        else
        {
            _a.LoadVector(to, from, displacement);
        }
    }

    private void StorePart(MachineRegister to, int displacement, MachineRegister from)
    {
        if (_options.HasAvx)
        {
            _a.StoreWideVector(to, displacement, from);
        }
        else
        {
            _a.StoreVector(to, displacement, from);
        }
    }

    // Upper halves that are not zero make every later instruction on 16 bytes wait for them.
    private void ReturnFromVectors()
    {
        if (_options.HasAvx)
        {
            _a.ZeroUpperHalves();
        }

        _a.Return();
    }
}
