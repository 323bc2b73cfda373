using System.Globalization;
using Iced.Intel;
using Wisp.Compiler.X64;

namespace Wisp.Compiler.Tests.X64;

/// <summary>Each row of tables/x64.txt, written by our assembler, reads back in Iced as the row says.</summary>
public sealed class X64TableTests
{
    public static TheoryData<string, string, string, string, string> Rows => RowsOf("integer", "control", "float", "vector");

    /// <summary>Those that VEX encodes.</summary>
    public static TheoryData<string, string> VexRows
    {
        get
        {
            var rows = new TheoryData<string, string>();
            foreach (string section in (string[])["vector", "avx"])
            {
                foreach (string[] cells in Cells(section))
                {
                    rows.Add(cells[0], (section == "vector" ? "v" : "") + cells[4]);
                }
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void RowReadsBackAsItSays(string name, string prefix, string opcode, string digit, string asm)
    {
        (string mnemonic, string[] operands) = Parse(asm);
        bool isMemory = operands.Contains("m");
        string[] prefixes = prefix.Split('.');
        for (int reg = 0; reg < 16; reg++)
        {
            for (int rm = 0; rm < 16; rm++)
            {
                int field = digit == "-" ? reg : int.Parse(digit, CultureInfo.InvariantCulture);
                var assembler = new X64Assembler();
                int size = asm.Contains("r8", StringComparison.Ordinal) || asm.StartsWith("set", StringComparison.Ordinal) ? 1
                    : prefixes.Length > 1 ? 8 : 4;
                int mandatory = prefixes[0] switch
                {
                    "-" => 0,
                    "s" => 0xF3,
                    _ => int.Parse(prefixes[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture),
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
                Instruction read = Decode(name, assembler);
                Assert.Equal(mnemonic, read.Mnemonic.ToString(), ignoreCase: true);
                for (int i = 0; i < operands.Length; i++)
                {
                    CheckOperand(name, read, i, operands[i], reg, rm);
                }
            }
        }
    }

    // "xx" is two operands here: the one written, and behind it the one read.
    [Theory]
    [MemberData(nameof(VexRows))]
    public void RowReadsBackInVexAsItSays(string name, string asm)
    {
        X64VectorEncoding encoding = Enum.Parse<X64VectorOp>(name).Encoding();
        (string mnemonic, string[] operands) = Parse(asm.Replace("xxm,", "second,rm,", StringComparison.Ordinal)
            .Replace(" xx,", " x,second,", StringComparison.Ordinal).Replace(" x,x,xm,x", " x,second,xm,fourth", StringComparison.Ordinal));
        bool hasSecond = operands.Contains("second");
        Assert.Equal(hasSecond, encoding.Form is X64VectorForm.Binary or X64VectorForm.Shift or X64VectorForm.Blend);
        for (int i = 0; i < 16 * 16; i++)
        {
            (int reg, int rm, int second) = (i & 15, i >> 4, hasSecond ? (i * 7) & 15 : 0);
            int field = encoding.Form == X64VectorForm.Shift ? encoding.Digit : reg;
            var assembler = new X64Assembler();
            if (operands.Contains("m"))
            {
                assembler.VectorMem(encoding, true, field, second, X64Address.At((Abi.MachineRegister)rm, 0x40));
            }
            else
            {
                assembler.Vector(encoding, true, field, second, rm);
            }

            Assert.Equal(encoding.HasImmediate, asm.EndsWith("imm8", StringComparison.Ordinal));
            AddImmediate(assembler, asm);
            if (encoding.Form == X64VectorForm.Blend)
            {
                assembler.Byte(5 << 4);
            }

            Instruction read = Decode(name, assembler);
            Assert.Equal(mnemonic, read.Mnemonic.ToString(), ignoreCase: true);
            Assert.StartsWith("VEX_", read.Code.ToString(), StringComparison.Ordinal);
            Assert.Equal(operands.Length, read.OpCount);
            for (int operand = 0; operand < operands.Length; operand++)
            {
                string kind = operands[operand];
                if (kind is "second" or "fourth")
                {
                    Assert.Equal(kind == "second" ? second : 5, read.GetOpRegister(operand).GetNumber());
                }
                else
                {
                    CheckOperand(name, read, operand, kind, reg, rm);
                }
            }
        }
    }

    private static TheoryData<string, string, string, string, string> RowsOf(params string[] sections)
    {
        var rows = new TheoryData<string, string, string, string, string>();
        foreach (string section in sections)
        {
            foreach (string[] cells in Cells(section))
            {
                rows.Add(cells[0], cells[1], cells[2], cells[3], cells[4]);
            }
        }

        return rows;
    }

    private static IEnumerable<string[]> Cells(string wanted)
    {
        string section = "";
        foreach (string line in File.ReadLines(Path.Combine(Root(), "tables", "x64.txt")))
        {
            if (line.StartsWith('['))
            {
                section = line.Trim('[', ']');
            }

            string[] cells = line.Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (section == wanted && cells.Length == 5 && line[0] != '#')
            {
                yield return cells;
            }
        }
    }

    private static (string Mnemonic, string[] Operands) Parse(string asm)
    {
        string[] parts = asm.Split([' '], 2);
        return (parts[0], parts[1].Split(','));
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
            case "r" or "r8" or "x" or "xx":
                Assert.True(read.GetOpRegister(index).GetFullRegister().GetNumber() == reg, $"{name}: {read} has another register than {reg}");
                break;
            case "rm" or "rm8" or "rm16" or "rm64" or "xm" or "xxm":
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

    private static Instruction Decode(string name, X64Assembler assembler)
    {
        var decoder = Iced.Intel.Decoder.Create(64, assembler.Bytes.ToArray());
        Instruction read = decoder.Decode();
        Assert.False(read.IsInvalid, $"{name}: Iced cannot read {Convert.ToHexString(assembler.Bytes)}");
        Assert.Equal(assembler.Position, read.Length);
        return read;
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
