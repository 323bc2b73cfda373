using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;

namespace Wisp.Wasm.Tests.Binary;

public sealed class OpcodesTests
{
    [Fact]
    public void EveryOpcodeIsFoundByItsEncoding()
    {
        for (int i = 0; i < Opcodes.Count; i++)
        {
            var opcode = (Opcode)i;
            Assert.Equal(i, Opcodes.Find(opcode.Prefix(), (uint)opcode.Code()));
            if (opcode.Prefix() == 0)
            {
                Assert.Equal(i, Opcodes.Find((byte)opcode.Code()));
            }
        }
    }

    [Fact]
    public void EveryOpcodeIsFoundByItsTextExceptTheSecondOfTwo()
    {
        Opcode[] second = [Opcode.SelectT, Opcode.RefTestNull, Opcode.RefCastNull];
        for (int i = 0; i < Opcodes.Count; i++)
        {
            Assert.True(Opcodes.TryParse(((Opcode)i).Text(), out Opcode found));
            Assert.Equal(second.Contains((Opcode)i), found != (Opcode)i);
        }
    }

    [Theory]
    [InlineData(Opcode.I32Load, "i32.load", 0, 0x28)]
    [InlineData(Opcode.I32TruncSatF32S, "i32.trunc_sat_f32_s", 0xfc, 0)]
    [InlineData(Opcode.I8x16Shuffle, "i8x16.shuffle", 0xfd, 13)]
    [InlineData(Opcode.F64x2ConvertLowI32x4U, "f64x2.convert_low_i32x4_u", 0xfd, 255)]
    [InlineData(Opcode.I31GetU, "i31.get_u", 0xfb, 30)]
    [InlineData(Opcode.I64AtomicRmw32CmpxchgU, "i64.atomic.rmw32.cmpxchg_u", 0xfe, 0x4e)]
    public void TextAndEncodingAreThoseOfTheSpecification(Opcode opcode, string text, byte prefix, int code)
    {
        Assert.Equal(text, opcode.Text());
        Assert.Equal(prefix, opcode.Prefix());
        Assert.Equal(code, opcode.Code());
    }

    [Fact]
    public void SignatureHasAddressesAndResults()
    {
        OpcodeSignature store = Opcode.I64Store.Signature();
        Assert.Equal(2, store.PopCount);
        Assert.Equal(ValType.I32, store.Pop(0, ValType.I32));
        Assert.Equal(ValType.I64, store.Pop(1, ValType.I32));
        Assert.False(store.Pushes);
        Assert.Equal(ValType.V128, Opcode.V128Bitselect.Signature().Push(ValType.I32));
        Assert.True(Opcode.CallIndirect.Signature().Varies);
        Assert.Equal(3, Opcode.I64Store.NaturalAlignment());
        Assert.Equal(4, Opcode.V128Load32Lane.LaneCount());
    }
}
