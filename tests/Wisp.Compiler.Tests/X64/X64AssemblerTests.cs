using Iced.Intel;
using Wisp.Abi;
using Wisp.Compiler.X64;

namespace Wisp.Compiler.Tests.X64;

// Every form the assembler writes, over all registers and the corners of addressing, read back by Iced.
public sealed class X64AssemblerTests
{
    private static readonly Register[] Wide =
    [
        Register.RAX, Register.RCX, Register.RDX, Register.RBX, Register.RSP, Register.RBP, Register.RSI, Register.RDI,
        Register.R8, Register.R9, Register.R10, Register.R11, Register.R12, Register.R13, Register.R14, Register.R15,
    ];

    private static readonly int[] Displacements = [0, 1, -1, 127, -128, 128, -129, int.MaxValue, int.MinValue];

    private readonly X64Assembler _asm = new();

    [Theory]
    [InlineData(8, 0x8B, Code.Mov_r64_rm64)]
    [InlineData(4, 0x8B, Code.Mov_r32_rm32)]
    [InlineData(4, 0x0FAF, Code.Imul_r32_rm32)]
    [InlineData(1, 0x22, Code.And_r8_rm8)]
    public void NamesEveryPairOfRegisters(int size, int opcode, Code code)
    {
        for (int reg = 0; reg < 16; reg++)
        {
            for (int rm = 0; rm < 16; rm++)
            {
                Instruction read = Write(code, () => _asm.RegReg(size, 0, opcode, reg, rm));
                Assert.Equal(Wide[reg], read.Op0Register.GetFullRegister());
                Assert.Equal(Wide[rm], read.Op1Register.GetFullRegister());
                Assert.Equal(size, read.Op1Register.GetSize());
            }
        }
    }

    [Fact]
    public void TakesLowBytesOfEveryRegister()
    {
        for (int rm = 0; rm < 16; rm++)
        {
            Instruction read = Write(Code.Movzx_r32_rm8, () => _asm.RegReg(4, 0, 0x0FB6, 1, rm, byteRm: true));
            Assert.Equal(Register.AL + (rm < 4 ? rm : rm + 4), read.Op1Register);
            Instruction set = Write(Code.Sete_rm8, () => _asm.RegReg(1, 0, 0x0F94, 0, rm));
            Assert.Equal(Wide[rm], set.Op0Register.GetFullRegister());
            Assert.NotInRange(set.Op0Register, Register.AH, Register.BH);
        }
    }

    [Fact]
    public void StoresLowBytesOfEveryRegister()
    {
        for (int reg = 0; reg < 16; reg++)
        {
            Instruction read = Write(
                Code.Mov_rm8_r8, () => _asm.RegMem(1, 0, 0x88, reg, X64Address.At(MachineRegister.Rbx, 5)));
            Assert.Equal(Wide[reg], read.Op1Register.GetFullRegister());
            Assert.NotInRange(read.Op1Register, Register.AH, Register.BH);
        }
    }

    [Fact]
    public void AddressesEveryBaseAndIndex()
    {
        for (int @base = 0; @base < 16; @base++)
        {
            foreach (int displacement in Displacements)
            {
                CheckAddress(@base, None, 0, displacement);
                for (int index = 0; index < 16; index++)
                {
                    if (index != (int)MachineRegister.Rsp)   // it cannot be an index
                    {
                        CheckAddress(@base, index, index & 3, displacement);
                    }
                }
            }
        }
    }

    [Fact]
    public void WritesShortestDisplacement()
    {
        Assert.Equal(3, Length(X64Address.At(MachineRegister.Rax, 0)));
        Assert.Equal(4, Length(X64Address.At(MachineRegister.Rax, -128)));
        Assert.Equal(7, Length(X64Address.At(MachineRegister.Rax, 128)));
        Assert.Equal(4, Length(X64Address.At(MachineRegister.Rbp, 0)));
        Assert.Equal(4, Length(X64Address.At(MachineRegister.R13, 0)));
        Assert.Equal(4, Length(X64Address.At(MachineRegister.Rsp, 0)));
    }

    [Theory]
    [InlineData(0xF2, 0x58, Code.VEX_Vaddsd_xmm_xmm_xmmm64)]
    [InlineData(0xF3, 0x5E, Code.VEX_Vdivss_xmm_xmm_xmmm32)]
    [InlineData(0, 0x57, Code.VEX_Vxorps_xmm_xmm_xmmm128)]
    public void NamesEveryRegisterOfVectorForms(int prefix, int opcode, Code code)
    {
        for (int i = 0; i < 16 * 16; i++)
        {
            (int result, int first, int second) = (i & 15, i >> 4, (i * 7) & 15);
            Instruction read = Write(
                code, () => _asm.VexRegReg(4, prefix, 1, opcode, 16 + result, 16 + first, 16 + second));
            Assert.Equal(Register.XMM0 + result, read.Op0Register);
            Assert.Equal(Register.XMM0 + first, read.Op1Register);
            Assert.Equal(Register.XMM0 + second, read.Op2Register);
        }
    }

    [Fact]
    public void AddressesMemoryInVectorForms()
    {
        for (int i = 0; i < 16 * 16; i++)
        {
            int index = i >> 4;
            if (index == (int)MachineRegister.Rsp)
            {
                continue;
            }

            var address = new X64Address((MachineRegister)(i & 15), (MachineRegister)index, 2, 40);
            Instruction read = Write(
                Code.VEX_Vmulsd_xmm_xmm_xmmm64, () => _asm.VexRegMem(4, 0xF2, 1, 0x59, 25, 17, address));
            Assert.Equal(Register.XMM9, read.Op0Register);
            Assert.Equal(Register.XMM1, read.Op1Register);
            Assert.Equal(Wide[i & 15], read.MemoryBase);
            Assert.Equal(Wide[index], read.MemoryIndex);
        }
    }

    [Theory]
    [InlineData(4, 0x66, 2, 0xF7, Code.VEX_Shlx_r32_rm32_r32)]
    [InlineData(8, 0xF2, 2, 0xF7, Code.VEX_Shrx_r64_rm64_r64)]
    [InlineData(8, 0xF3, 2, 0xF7, Code.VEX_Sarx_r64_rm64_r64)]
    public void NamesEveryRegisterOfShifts(int size, int prefix, int map, int opcode, Code code)
    {
        for (int i = 0; i < 16 * 16; i++)
        {
            (int result, int count, int value) = (i & 15, i >> 4, (i * 11) & 15);
            Instruction read = Write(code, () => _asm.VexRegReg(size, prefix, map, opcode, result, count, value));
            Assert.Equal(Wide[result], read.Op0Register.GetFullRegister());
            Assert.Equal(Wide[value], read.Op1Register.GetFullRegister());
            Assert.Equal(Wide[count], read.Op2Register.GetFullRegister());
        }
    }

    [Fact]
    public void RotatesByConstant()
    {
        Instruction read = Write(Code.VEX_Rorx_r64_rm64_imm8, () =>
        {
            _asm.VexRegReg(8, 0xF2, 3, 0xF0, 9, 0, 14);
            _asm.Byte(25);
        });
        Assert.Equal(Register.R9, read.Op0Register);
        Assert.Equal(Register.R14, read.Op1Register);
        Assert.Equal(25, read.Immediate8);
    }

    [Fact]
    public void PatchesOperandsRelativeToRip()
    {
        int at = 0;
        Instruction plain = Write(Code.Addsd_xmm_xmmm64, () =>
        {
            at = _asm.RegRip(4, 0xF2, 0x0F58, 30);
            _asm.PatchInt32(at, 0x1234);
        });
        Assert.Equal(Register.XMM14, plain.Op0Register);
        Assert.Equal(0x1234ul + (ulong)plain.Length, plain.MemoryDisplacement64);
        Instruction vector = Write(Code.VEX_Vaddsd_xmm_xmm_xmmm64, () =>
        {
            at = _asm.VexRegRip(4, 0xF2, 1, 0x58, 30, 19);
            _asm.PatchInt32(at, 0x1234);
        });
        Assert.Equal(Register.XMM14, vector.Op0Register);
        Assert.Equal(Register.XMM3, vector.Op1Register);
        Assert.Equal(0x1234ul + (ulong)vector.Length, vector.MemoryDisplacement64);
    }

    private const int None = -1;

    private void CheckAddress(int @base, int index, int scale, int displacement)
    {
        var address = new X64Address(
            (MachineRegister)@base, index == None ? null : (MachineRegister)index, scale, displacement);
        Instruction read = Write(Code.Lea_r64_m, () => _asm.RegMem(8, 0, 0x8D, 10, address));
        Assert.Equal(Register.R10, read.Op0Register);
        Assert.Equal(Wide[@base], read.MemoryBase);
        Assert.Equal(index == None ? Register.None : Wide[index], read.MemoryIndex);
        Assert.Equal(1 << scale, read.MemoryIndexScale);
        Assert.Equal((ulong)displacement, read.MemoryDisplacement64);
    }

    private int Length(X64Address address) => Write(Code.Mov_r64_rm64, () => _asm.RegMem(8, 0, 0x8B, 0, address)).Length;

    private Instruction Write(Code code, Action write)
    {
        _asm.Reset();
        write();
        byte[] bytes = _asm.Bytes.ToArray();
        var decoder = Decoder.Create(64, bytes);
        Instruction read = decoder.Decode();
        Assert.Equal(code, read.Code);
        Assert.Equal(bytes.Length, read.Length);
        return read;
    }
}
