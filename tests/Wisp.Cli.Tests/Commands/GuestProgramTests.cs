using System.Globalization;

namespace Wisp.Cli.Tests.Commands;

/// <summary>Programs of several languages, run as a user would, compiled and from an image.</summary>
public sealed class GuestProgramTests
{
    public static TheoryData<string> Programs()
    {
        // A theory without rows would be a failure; the test itself says that there are no guests.
        string[] names = Repository.Guests is string guests
            ? [.. Directory.GetDirectories(guests).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)]
            : ["none"];
        return [.. names];
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void SaysWhatIsExpected(string name)
    {
        if (Repository.Guests is not string guests)
        {
            Assert.Skip("no guests: WISP_SUITES names no folder with guests beside it");
            return;
        }

        string folder = Path.Combine(guests, name);
        string program = Directory.GetFiles(folder, "*.wasm").Single();
        string output = File.ReadAllText(Path.Combine(folder, "expected.stdout"));
        int code = int.Parse(File.ReadAllText(Path.Combine(folder, "expected.exit")), CultureInfo.InvariantCulture);
        using var scratch = new ScratchFolder();
        string data = Directory.CreateDirectory(scratch["data"]).FullName;
        File.WriteAllText(Path.Combine(data, "in.txt"), "text from the granted directory\n");
        Assert.Equal(0, WispProcess.Run("compile", program, "-o", scratch["program.wisp"]).Code);

        foreach (string file in (string[])[program, scratch["program.wisp"]])
        {
            WispResult result = WispProcess.RunIn(
                null, "line one\nline two\n", "run", file, "--dir", $"{data}::/data", "--env", "GREETING=hi", "--", "a", "b");
            Assert.Equal((code, output), (result.Code, result.Output));
        }
    }
}
