using System.Globalization;
using System.Text;
using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;
using Wisp.Wasm.Text;

namespace Wisp.Differential.Tests;

/// <summary>Random modules dense in vector instructions, all of them: wasm-opt's have few.</summary>
/// <remarks>
/// Functions of statements over a fixed set of locals, with ifs, loops of few rounds and calls. What a float instruction makes passes
/// through a function that turns NaN into zero, since engines may choose a NaN's bits. At the end all locals go to memory, which is compared.
/// </remarks>
internal sealed class VectorModules
{
    private const int Vectors = 8;
    private const int Scalars = 3;
    private const int Functions = 4;
    private const int Depth = 3;
    private const int AddressMask = 0xFFF;

    private static readonly Opcode[] Simd =
    [
        .. Enumerable.Range(0, Opcodes.Count).Select(i => (Opcode)i).Where(opcode => opcode.Feature() == WasmFeature.Simd && opcode != Opcode.V128Const),
    ];

    private static readonly ulong[] Numbers =
    [
        0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000,
        ulong.MaxValue, 0x3F80_0000, 0xBF80_0000, 0x7F80_0000, 0xFF80_0000, 0x7FC0_0000, 0x7FA0_0000, 0x4F00_0000, 0x4F80_0000, 0xCF00_0000,
        0x4EFF_FFFF, 0x0000_0001_0000_0000, 0x3FF0_0000_0000_0000, 0x7FF0_0000_0000_0000, 0x7FF8_0000_0000_0000, 0x7FF4_0000_0000_0000,
        0x41DF_FFFF_FFC0_0000, 0x41EF_FFFF_FFE0_0000, 0xC1E0_0000_0000_0000, 0x41E0_0000_0000_0000, 0x4330_0000_0000_0000,
    ];

    private readonly Random _random;
    private readonly StringBuilder _text = new();
    private int _loops;

    private VectorModules(int seed) => _random = new Random(seed);

    /// <summary>The module of a seed.</summary>
    public static byte[] Make(int seed)
    {
        var generator = new VectorModules(seed);
        generator.Module();
        return WatParser.ParseModule(generator._text.ToString(), $"vectors {seed}");
    }

    private void Module()
    {
        Append("(module (memory (export \"memory\") 1)\n");
        for (int at = 0; at <= AddressMask + 64; at += 16)
        {
            Append($"(data (i32.const {at}) \"{string.Concat(Bytes().Select(b => $"\\{b:x2}"))}\")\n");
        }

        Append("""
            (func $clean32 (param v128) (result v128)
              (v128.bitselect (local.get 0) (v128.const i64x2 0 0) (f32x4.eq (local.get 0) (local.get 0))))
            (func $clean64 (param v128) (result v128)
              (v128.and (local.get 0) (f64x2.eq (local.get 0) (local.get 0))))
            (func $turn (param v128 i32 v128 v128 i64 v128 v128 v128 v128 v128 v128) (result v128 v128 i32 v128)
              (i8x16.swizzle (local.get 10) (local.get 0)) (i16x8.add (local.get 9) (local.get 2))
              (i32.add (local.get 1) (i8x16.bitmask (local.get 8))) (v128.xor (local.get 3) (i64x2.splat (local.get 4))))

            """);
        for (int i = 0; i < Functions; i++)
        {
            Function(i);
        }

        Append(")\n");
    }

    private void Function(int number)
    {
        Append($"(func (export \"f{number}\") (param $i0 i32) (param $l0 i64) (param $i1 i32) (param $l1 i64) (result i32 i64)\n");
        Append("(local $i2 i32) (local $l2 i64) (local $s0 f32) (local $s1 f32) (local $s2 f32) (local $d0 f64) (local $d1 f64) (local $d2 f64)\n");
        for (int i = 0; i < Vectors; i++)
        {
            Append($"(local $v{i} v128)");
        }

        Append(" (local $n0 i32) (local $n1 i32) (local $n2 i32) (local $n3 i32)\n");
        _loops = 0;
        for (int i = 0; i < Vectors; i++)
        {
            Append($"(local.set $v{i} {(i % 3 == 0 ? Constant() : $"(v128.load offset={_random.Next(AddressMask)} (i32.const 0))")})\n");
        }

        Statements(_random.Next(20, 60), 0);
        for (int i = 0; i < Vectors; i++)
        {
            Append($"(v128.store offset={8192 + (256 * number) + (16 * i)} (i32.const 0) (local.get $v{i}))\n");
        }

        Append($"(f32.store offset={12288 + (64 * number)} (i32.const 0) (local.get $s0)) (f64.store offset={12304 + (64 * number)} (i32.const 0) (local.get $d1))\n");
        Append("(i32.xor (local.get $i0) (local.get $i2)) (i64.xor (local.get $l0) (local.get $l2)))\n");
    }

    private void Statements(int count, int depth)
    {
        for (int i = 0; i < count; i++)
        {
            switch (_random.Next(depth < Depth ? 24 : 20))
            {
                case 19:
                    Append(Rotation());
                    break;
                case 20:
                    Append($"(if {(_random.Next(2) == 0 ? $"(v128.any_true {Vector()})" : $"(i32.eqz (i16x8.all_true {Vector()}))")} (then\n");
                    Statements(_random.Next(1, 6), depth + 1);
                    Append(") (else\n");
                    Statements(_random.Next(0, 4), depth + 1);
                    Append("))\n");
                    break;
                case 21 when _loops < 4:
                    {
                        int loop = _loops++;
                        Append($"(local.set $n{loop} (i32.const {_random.Next(1, 5)})) (loop $again{loop}\n");
                        Statements(_random.Next(2, 8), depth + 1);
                        Append($"(br_if $again{loop} (local.tee $n{loop} (i32.sub (local.get $n{loop}) (i32.const 1)))))\n");
                        break;
                    }

                case 22:
                    Append($"(call $turn {Vector()} {Scalar('i')} {Vector()} {Vector()} {Scalar('l')} {Vector()} {Vector()} {Vector()} {Vector()} {Vector()} {Vector()})\n");
                    Append($"(local.set ${VectorLocal()}) (local.set $i2) (local.set ${VectorLocal()}) (local.set ${VectorLocal()})\n");
                    break;
                case 23:
                    Append($"(local.set ${VectorLocal()} (select (result v128) {Vector()} {Vector()} {Scalar('i')}))\n");
                    break;
                default:
                    Append(Set(Simd[_random.Next(Simd.Length)]));
                    break;
            }
        }
    }

    private string Rotation()
    {
        (string shape, int width) = _random.Next(3) switch
        {
            0 => ("i16x8", 16),
            1 => ("i32x4", 32),
            _ => ("i64x2", 64),
        };
        int count = _random.Next(2) == 0 ? _random.Next(width) : 8 * _random.Next(width / 8);
        string from = VectorLocal();
        string left = $"({shape}.shl (local.get ${from}) (i32.const {count}))";
        string right = $"({shape}.shr_u (local.get ${from}) (i32.const {width - count}))";
        return $"(local.set ${VectorLocal()} (v128.or {(_random.Next(2) == 0 ? $"{left} {right}" : $"{right} {left}")}))\n";
    }

    private string Set(Opcode opcode)
    {
        OpcodeSignature signature = opcode.Signature();
        var text = new StringBuilder("(").Append(opcode.Text());
        ImmediateKind kind = opcode.Immediates();
        if (kind is ImmediateKind.Memarg or ImmediateKind.MemargLane)
        {
            text.Append(CultureInfo.InvariantCulture, $" offset={_random.Next(16)} align=1");
        }

        if (kind is ImmediateKind.Lane or ImmediateKind.MemargLane)
        {
            text.Append(' ').Append(_random.Next(opcode.LaneCount()));
        }
        else if (kind == ImmediateKind.Lanes)
        {
            text.Append(' ').AppendJoin(' ', Lanes());
        }

        bool isAccess = kind is ImmediateKind.Memarg or ImmediateKind.MemargLane;
        for (int i = 0; i < signature.PopCount; i++)
        {
            ValueKind operand = signature.Pop(i, ValType.I32).Kind;
            text.Append(' ').Append(isAccess && i == 0 ? $"(i32.and {Scalar('i')} (i32.const {AddressMask}))" : Operand(operand));
        }

        text.Append(')');
        if (!signature.Pushes)
        {
            return text.Append('\n').ToString();
        }

        return signature.Push(ValType.I32).Kind switch
        {
            ValueKind.V128 => $"(local.set ${VectorLocal()} {Clean(opcode, text.ToString())})\n",
            ValueKind.I32 => $"(local.set $i{_random.Next(Scalars)} {text})\n",
            ValueKind.I64 => $"(local.set $l{_random.Next(Scalars)} {text})\n",
            ValueKind.F32 => $"(local.set $s{_random.Next(Scalars)} {text})\n",
            _ => $"(local.set $d{_random.Next(Scalars)} {text})\n",
        };
    }

    private static string Clean(Opcode opcode, string text) => opcode.Text() switch
    {
        string name when name.StartsWith("f32x4", StringComparison.Ordinal) => $"(call $clean32 {text})",
        string name when name.StartsWith("f64x2", StringComparison.Ordinal) => $"(call $clean64 {text})",
        _ => text,
    };

    // Shuffles that have instructions of their own come up often enough.
    private IEnumerable<int> Lanes()
    {
        int kind = _random.Next(6);
        int start = _random.Next(32);
        int width = 1 << _random.Next(4);
        int[] groups = [.. Enumerable.Range(0, 16 / width).Select(_ => _random.Next(32 / width))];
        bool high = _random.Next(2) == 0;
        return Enumerable.Range(0, 16).Select(i => kind switch
        {
            0 => _random.Next(32),
            1 => (start + i) % 32,
            2 => (high ? 8 : 0) + (i / (2 * width) * width) + (i % width) + (i / width % 2 * 16),
            3 => i + (start >> (i / 2 % 5) & 1) * 16,
            4 => groups[i / width] * width % 16 + (i % width),
            _ => (groups[i / width] * width) + (i % width),
        });
    }

    private string Operand(ValueKind kind) => kind switch
    {
        ValueKind.V128 => Vector(),
        ValueKind.I32 => Scalar('i'),
        ValueKind.I64 => Scalar('l'),
        ValueKind.F32 => Scalar('s'),
        _ => Scalar('d'),
    };

    private string VectorLocal() => $"v{_random.Next(Vectors)}";

    private string Vector() => _random.Next(8) switch
    {
        0 => Constant(),
        1 => $"(v128.load offset={_random.Next(AddressMask)} (i32.const 0))",
        _ => $"(local.get ${VectorLocal()})",
    };

    private string Scalar(char kind) => _random.Next(3) > 0 ? $"(local.get ${kind}{_random.Next(Scalars)})" : kind switch
    {
        'i' => $"(i32.const {(_random.Next(2) == 0 ? _random.Next(70) : (int)Numbers[_random.Next(Numbers.Length)])})",
        'l' => $"(i64.const {(long)Numbers[_random.Next(Numbers.Length)]})",
        's' => $"(f32.reinterpret_i32 (i32.const {(int)Numbers[_random.Next(Numbers.Length)]}))",
        _ => $"(f64.reinterpret_i64 (i64.const {(long)Numbers[_random.Next(Numbers.Length)]}))",
    };

    private string Constant() => $"(v128.const i8x16 {string.Join(' ', Bytes())})";

    private byte[] Bytes()
    {
        byte[] bytes = new byte[16];
        switch (_random.Next(5))
        {
            case 0:
                _random.NextBytes(bytes);
                break;
            case 1:
                break;
            case 2:
                Array.Fill(bytes, (byte)0xFF);
                break;
            default:
                int width = 1 << _random.Next(4);
                for (int at = 0; at < 16; at += width)
                {
                    BitConverter.GetBytes(Numbers[_random.Next(Numbers.Length)]).AsSpan(0, width).CopyTo(bytes.AsSpan(at));
                }

                break;
        }

        return bytes;
    }

    private void Append(string text) => _text.Append(text);
}
