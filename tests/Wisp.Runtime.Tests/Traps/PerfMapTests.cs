using System.Globalization;
using Wisp.Traps;

namespace Wisp.Runtime.Tests.Traps;

public sealed class PerfMapTests
{
    [Fact]
    public void EachFunctionHasALine()
    {
        using var guest = new Guest();
        Module module = guest.Compile("""
            (module
              (import "" "f" (func))
              (func (export "first") (nop))
              (func (nop))
              (func (export "a\nb") (nop)))
            """, name: "app");
        string[] lines = PerfMap.Lines(module).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["app!first", "app!<function 2>", "app!a?b"], lines.Select(line => line.Split(' ', 3)[2]));
        for (int own = 0; own < lines.Length; own++)
        {
            string[] numbers = lines[own].Split(' ', 3);
            Assert.Equal(module.Code.EntryOf(own), nint.Parse(numbers[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
            Assert.Equal(
                module.Code.Image.Functions[own].Length, uint.Parse(numbers[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        }
    }
}
