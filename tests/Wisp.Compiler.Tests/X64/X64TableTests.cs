using System.Globalization;
using Iced.Intel;
using Wisp.Compiler.X64;

namespace Wisp.Compiler.Tests.X64;

/// <summary>Each row of tables/x64.txt, written by our assembler, reads back in Iced as the row says.</summary>
public sealed class X64TableTests
{
    public static TheoryData<string, string, string, string, string> Rows
    {
        get
        {
            var rows = new TheoryData<string, string, string, string, string>();
            foreach (string line in File.ReadLines(Path.Combine(Root(), "tables", "x64.txt")))
            {
                string[] cells = line.Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
                if (cells.Length == 5 && line[0] != '#')
                {
                    rows.Add(cells[0], cells[1], cells[2], cells[3], cells[4]);
                }
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void RowReadsBackAsItSays(string name, string prefix, string opcode, string digit, string asm)
    {
        string[] parts = asm.Split([' ', ','], 2);
        string[] operands = parts[1].Split(',');
        bool isMemory = operands.Contains("m");
        for (int reg = 0; reg < 16; reg++)
        {
            for (int rm = 0; rm < 16; rm++)
            {
                int field = digit == "-" ? reg : int.Parse(digit, CultureInfo.InvariantCulture);
                var assembler = new X64Assembler();
                int size = asm.Contains("r8", StringComparison.Ordinal) || asm.StartsWith("set", StringComparison.Ordinal) ? 1 : 4;
                int mandatory = prefix switch
                {
                    "-" => 0,
                    "s" => 0xF3,
                    _ => int.Parse(prefix, NumberStyles.HexNumber, CultureInfo.InvariantCulture),
                };
                int code = int.Parse(opcode, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                if (isMemory)
                {
                    assembler.RegMem(
                        size, mandatory, code, field, X64Address.At((Abi.MachineRegister)rm, 0x40));
                }
                else
                {
                    assembler.RegReg(size, mandatory, code, field, rm, byteRm: asm.Contains("rm8", StringComparison.Ordinal));
                }

                AddImmediate(assembler, asm);
                Instruction read = Decode(assembler.Bytes);
                Assert.False(read.IsInvalid, $"{name}: Iced cannot read {Convert.ToHexString(assembler.Bytes)}");
                Assert.Equal(assembler.Position, read.Length);
                Assert.Equal(parts[0], read.Mnemonic.ToString(), ignoreCase: true);
                for (int i = 0; i < operands.Length; i++)
                {
                    CheckOperand(name, read, i, operands[i], reg, rm);
                }
            }
        }
    }

    private static void AddImmediate(X64Assembler assembler, string asm)
    {
        if (asm.EndsWith("imm8", StringComparison.Ordinal))
        {
            assembler.Byte(0x12);
        }
        else if (asm.EndsWith("imm32", StringComparison.Ordinal))
        {
            assembler.Int32(0x12345678);
        }
    }

    private static void CheckOperand(string name, in Instruction read, int index, string operand, int reg, int rm)
    {
        switch (operand)
        {
            case "r" or "r8" or "x":
                Assert.True(read.GetOpRegister(index).GetFullRegister().GetNumber() == reg, $"{name}: {read} has another register than {reg}");
                break;
            case "rm" or "rm8" or "rm16" or "rm64" or "xm":
                Assert.True(read.GetOpRegister(index).GetFullRegister().GetNumber() == rm, $"{name}: {read} has another register than {rm}");
                break;
            case "m":
                Assert.Equal(rm, read.MemoryBase.GetNumber());
                Assert.Equal(0x40UL, read.MemoryDisplacement64);
                break;
            case "imm8":
                Assert.Equal(0x12UL, read.GetImmediate(index));
                break;
            case "imm32":
                Assert.Equal(0x12345678UL, read.GetImmediate(index));
                break;
            case "cl":
                Assert.Equal(Register.CL, read.GetOpRegister(index));
                break;
            default:
                Assert.Fail($"{name}: what is {operand}?");
                break;
        }
    }

    private static Instruction Decode(ReadOnlySpan<byte> bytes)
    {
        var decoder = Iced.Intel.Decoder.Create(64, bytes.ToArray());
        return decoder.Decode();
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Wisp.slnx")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }
}
