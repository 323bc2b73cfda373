using System.Globalization;
using System.Text;

namespace Wisp.Compiler.Ir;

// The text form of a function, which SsaPrinter writes and SsaParser reads:
//
//     block0(v0: i32, v1: i32):                    block n is the n-th in SsaFunction.Order; values are numbered as they appear;
//                                                  behind the colon: "loop" of a header, "cold", "depth N" within N loops
//         v2 = const.i32 5
//         v3 = compare.less_signed v0, v2
//         v4 = load.i64.u32 mem0 [v0+8]            op.type.access region [address+offset], value
//         store_context.i32 global2 [-144], v1
//         trap_if v3, integer_divide_by_zero
//         v5 = call.i32 func7(v1, v2) type3
//         branch v3, block1(v4), block2()

/// <summary>Words that the printer and the parser of the text form share.</summary>
internal static class SsaText
{
    /// <summary>Behind the type of a call with <see cref="CallFlags.SameContext"/>.</summary>
    public const string OwnContext = "own";

    /// <summary>FCopySign to f_copy_sign, DivS to div_s.</summary>
    public static string NameOf(Enum value)
    {
        string name = value.ToString();
        var text = new StringBuilder(name.Length + 8);
        for (int i = 0; i < name.Length; i++)
        {
            bool starts = char.IsUpper(name[i]) || (char.IsDigit(name[i]) && !char.IsDigit(name[i - 1]));
            if (starts && i > 0)
            {
                text.Append('_');
            }

            text.Append(char.ToLowerInvariant(name[i]));
        }

        return text.ToString();
    }

    /// <summary>All values of an enum by their text names.</summary>
    public static Dictionary<string, T> NamesOf<T>()
        where T : struct, Enum
    {
        var names = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (T value in Enum.GetValues<T>())
        {
            names[NameOf(value)] = value;
        }

        return names;
    }

    public static string RegionName(AliasRegion region) => region.Kind switch
    {
        0 => "readonly",
        1 => "mem" + Number(region.Index),
        2 => "memrecord" + Number(region.Index),
        3 => "elements",
        4 => "tablerecord" + Number(region.Index),
        5 => "global" + Number(region.Index),
        _ => "imported_globals",
    };

    public static bool TryRegion(string text, out AliasRegion region)
    {
        string name = text.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9');
        _ = int.TryParse(text.AsSpan(name.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int index);
        (bool known, region) = name switch
        {
            "readonly" => (true, AliasRegion.ReadOnly),
            "mem" => (true, AliasRegion.Memory(index)),
            "memrecord" => (true, AliasRegion.MemoryRecord(index)),
            "elements" => (true, AliasRegion.TableElements),
            "tablerecord" => (true, AliasRegion.TableRecord(index)),
            "global" => (true, AliasRegion.Global(index)),
            "imported_globals" => (true, AliasRegion.ImportedGlobals),
            _ => (false, default),
        };
        return known;
    }

    public static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
