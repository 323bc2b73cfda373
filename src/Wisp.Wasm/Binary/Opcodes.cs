using System.Collections.Frozen;
using Wisp.Wasm.Model;

namespace Wisp.Wasm.Binary;

/// <summary>What the table of instructions says about each opcode. The rows are in <c>tables/opcodes.txt</c>.</summary>
public static partial class Opcodes
{
    /// <summary>Stands for "no such instruction" in the maps from binary codes.</summary>
    internal const ushort None = 0xffff;

    // A class of its own: static fields of a partial class are initialized in no order that the language promises.
    private static class Words
    {
        public static readonly FrozenDictionary<string, Opcode> ByText = MapTexts();
    }

    /// <summary>The word of the text format.</summary>
    /// <param name="opcode">The instruction.</param>
    /// <returns>For example <c>i32.add</c>. <c>select</c>, <c>ref.test</c> and <c>ref.cast</c> are two opcodes each.</returns>
    public static string Text(this Opcode opcode) => Texts[(int)opcode];

    /// <summary>What follows it in the binary.</summary>
    /// <param name="opcode">The instruction.</param>
    /// <returns>The kind.</returns>
    public static ImmediateKind Immediates(this Opcode opcode) => (ImmediateKind)ImmediateKinds[(int)opcode];

    /// <summary>The proposal it came with.</summary>
    /// <param name="opcode">The instruction.</param>
    /// <returns>The feature.</returns>
    public static WasmFeature Feature(this Opcode opcode) => (WasmFeature)Features[(int)opcode];

    /// <summary>What it does besides popping and pushing.</summary>
    /// <param name="opcode">The instruction.</param>
    /// <returns>The effect.</returns>
    public static OpcodeEffect Effect(this Opcode opcode) => (OpcodeEffect)Effects[(int)opcode];

    /// <summary>What it pops and pushes, where that depends on nothing but a memory's address type.</summary>
    /// <param name="opcode">The instruction.</param>
    /// <returns>The signature.</returns>
    public static OpcodeSignature Signature(this Opcode opcode) => new(Signatures[(int)opcode]);

    /// <summary>Alignment of a memory access as an exponent of two: the size of what is accessed.</summary>
    /// <param name="opcode">An instruction with a memarg.</param>
    /// <returns>0 to 4.</returns>
    public static int NaturalAlignment(this Opcode opcode) => Alignments[(int)opcode];

    /// <summary>How many lanes it can choose from.</summary>
    /// <param name="opcode">A vector instruction with a lane.</param>
    /// <returns>2 to 32, or zero for other instructions.</returns>
    public static int LaneCount(this Opcode opcode) => LaneCounts[(int)opcode];

    /// <summary>The first byte of its encoding, when a code of more bits follows.</summary>
    /// <param name="opcode">The instruction.</param>
    /// <returns>The prefix, or zero.</returns>
    public static byte Prefix(this Opcode opcode) => Prefixes[(int)opcode];

    /// <summary>Its byte; with a prefix, the number that follows as LEB128.</summary>
    /// <param name="opcode">The instruction.</param>
    /// <returns>The code.</returns>
    public static int Code(this Opcode opcode) => Codes[(int)opcode];

    /// <summary>The instruction of a word of the text format.</summary>
    /// <param name="text">The word.</param>
    /// <param name="opcode">The instruction; of two that share the word, the first in the table.</param>
    /// <returns>Whether there is one.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out Opcode opcode) =>
        Words.ByText.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text, out opcode);

    /// <summary>The instruction of a single byte.</summary>
    /// <param name="code">The byte.</param>
    /// <returns>The opcode's number, or <see cref="None"/>, also for a prefix.</returns>
    internal static ushort Find(byte code) => WithoutPrefix[code];

    /// <summary>The instruction of an encoding.</summary>
    /// <param name="prefix">The prefix, or zero.</param>
    /// <param name="code">The byte, or what follows the prefix.</param>
    /// <returns>The opcode's number, or <see cref="None"/>.</returns>
    internal static ushort Find(byte prefix, uint code)
    {
        ReadOnlySpan<ushort> map = prefix switch
        {
            0 => WithoutPrefix,
            0xfb => WithPrefixfb,
            0xfc => WithPrefixfc,
            0xfd => WithPrefixfd,
            0xfe => WithPrefixfe,
            _ => [],
        };
        return code < (uint)map.Length ? map[(int)code] : None;
    }

    private static FrozenDictionary<string, Opcode> MapTexts()
    {
        var map = new Dictionary<string, Opcode>(Count);
        for (int i = 0; i < Count; i++)
        {
            map.TryAdd(Texts[i], (Opcode)i);
        }

        return map.ToFrozenDictionary();
    }
}

/// <summary>Pops and the push of an instruction, as far as the opcode alone decides them.</summary>
/// <param name="bits">Four bits each: first, second and third pop (deepest first), push. All ones: not decided by the opcode.</param>
public readonly struct OpcodeSignature(ushort bits)
{
    internal const int AddressKind = 6;

    /// <summary>Whether the opcode alone does not decide it.</summary>
    public bool Varies => bits == Opcodes.None;

    /// <summary>The four kinds, as the table has them.</summary>
    internal ushort Bits => bits;

    /// <summary>How many operands are popped.</summary>
    public int PopCount => (bits & 0xf00) != 0 ? 3 : (bits & 0xf0) != 0 ? 2 : (bits & 0xf) != 0 ? 1 : 0;

    /// <summary>Whether a value is pushed.</summary>
    public bool Pushes => (bits & 0xf000) != 0;

    /// <summary>The type of an operand.</summary>
    /// <param name="index">Zero for the deepest.</param>
    /// <param name="address">The type of addresses.</param>
    /// <returns>The type.</returns>
    public ValType Pop(int index, ValType address) => TypeOf((bits >> (4 * index)) & 0xf, address);

    /// <summary>The type of the result.</summary>
    /// <param name="address">The type of addresses.</param>
    /// <returns>The type.</returns>
    public ValType Push(ValType address) => TypeOf((bits >> 12) & 0xf, address);

    private static ValType TypeOf(int kind, ValType address) => kind == AddressKind ? address : new ValType((ValueKind)kind);
}
