using System.Globalization;
using System.Text;

namespace Wisp.Runtime.Tests.Code;

// Division by a constant multiplies: compared with C#'s division at the edges of every divisor and at random.
public sealed class DivisionTests
{
    private static readonly string[] Operations = ["div_u", "rem_u", "div_s", "rem_s"];

    private readonly Random _random = new(20);

    [Fact]
    public void DividesThirtyTwoBitsByConstantsAsByVariables()
    {
        int[] divisors = [.. Divisors(32).Select(d => (int)d)];
        using var guest = new Guest();
        Instance instance = guest.Instantiate(Text("i32", divisors.Select(d => (long)d)));
        for (int i = 0; i < divisors.Length; i++)
        {
            int d = divisors[i];
            TypedFunction<int, int>[] functions = [.. Operations.Select(op => instance.GetFunction<int, int>($"{op}{i}"))];
            foreach (long wide in Dividends(d, 32))
            {
                int x = (int)wide;
                Assert.Equal((int)((uint)x / (uint)d), functions[0].Invoke(x));
                Assert.Equal((int)((uint)x % (uint)d), functions[1].Invoke(x));
                if (d != -1 || x != int.MinValue)
                {
                    Assert.Equal(x / d, functions[2].Invoke(x));
                    Assert.Equal(x % d, functions[3].Invoke(x));
                }
            }
        }
    }

    [Fact]
    public void DividesSixtyFourBitsByConstantsAsByVariables()
    {
        long[] divisors = [.. Divisors(64)];
        using var guest = new Guest();
        Instance instance = guest.Instantiate(Text("i64", divisors));
        for (int i = 0; i < divisors.Length; i++)
        {
            long d = divisors[i];
            TypedFunction<long, long>[] functions = [.. Operations.Select(op => instance.GetFunction<long, long>($"{op}{i}"))];
            foreach (long x in Dividends(d, 64))
            {
                Assert.Equal((long)((ulong)x / (ulong)d), functions[0].Invoke(x));
                Assert.Equal((long)((ulong)x % (ulong)d), functions[1].Invoke(x));
                if (d != -1 || x != long.MinValue)
                {
                    Assert.Equal(x / d, functions[2].Invoke(x));
                    Assert.Equal(x % d, functions[3].Invoke(x));
                }
            }
        }
    }

    private static string Text(string type, IEnumerable<long> divisors)
    {
        var text = new StringBuilder("(module");
        int i = 0;
        foreach (long d in divisors)
        {
            foreach (string op in Operations)
            {
                text.Append(CultureInfo.InvariantCulture, $"""
                     (func (export "{op}{i}") (param {type}) (result {type}) ({type}.{op} (local.get 0) ({type}.const {d})))
                    """);
            }

            i++;
        }

        return text.Append(')').ToString();
    }

    private IEnumerable<long> Divisors(int bits)
    {
        var all = new SortedSet<long> { 1, -1, 3, 5, 6, 7, 9, 10, 11, 12, 13, 25, 60, 100, 125, 641, 1000, 3600, 10000, 1000000007 };
        foreach (int i in (int[])[1, 2, 7, 8, 15, 16, 30, 31, 32, 33, 47, 62, 63])
        {
            long power = 1L << (i % bits);
            all.UnionWith([power, power - 1, power + 1, -power, 1 - power]);
        }

        for (int i = 0; i < 30; i++)
        {
            all.Add(_random.NextInt64() >> _random.Next(64));
        }

        return all.Select(d => bits == 32 ? (int)d : d).Where(d => d != 0).Distinct();
    }

    private IEnumerable<long> Dividends(long d, int bits)
    {
        long least = bits == 32 ? int.MinValue : long.MinValue;
        long most = bits == 32 ? int.MaxValue : long.MaxValue;
        yield return least;
        yield return least + 1;
        yield return most;
        for (long x = -2; x <= 2; x++)
        {
            yield return x;
            yield return d + x;
            yield return -d + x;
            yield return (most / d * d) + x;
            yield return (least / (d == -1 ? 1 : d) * d) + x;
            yield return (long)(ulong.MaxValue / (ulong)d * (ulong)d) + x;
        }

        for (int i = 0; i < 10; i++)
        {
            yield return _random.NextInt64() >> _random.Next(64);
            yield return -(_random.NextInt64() >> _random.Next(64));
        }
    }
}
