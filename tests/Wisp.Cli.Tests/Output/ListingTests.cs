using Wisp.Cli.Output;

namespace Wisp.Cli.Tests.Output;

public sealed class ListingTests
{
    private static readonly Listing Apps = new(
        ["App", "Hosts"], [["shop", "shop.localhost"], ["a-long-name", "-"]]);

    [Fact]
    public void PlainColumnsStandUnderTheirHeadings()
    {
        var output = new StringWriter();
        Apps.WritePlain(output);

        Assert.Equal("APP          HOSTS\nshop         shop.localhost\na-long-name  -\n", output.ToString());
    }

    [Fact]
    public void TableIsDrawnWithoutColorsWhereNobodyLooks()
    {
        var output = new StringWriter();
        TableWriter.Write(Apps, output);

        Assert.Contains("│ shop        │ shop.localhost │", output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("\e", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void NothingIsSaidInWordsToPeopleAlone()
    {
        Listing none = new Listing(["App"], []) with { WhenEmpty = "no apps yet" };
        var plain = new StringWriter();
        var table = new StringWriter();
        none.WritePlain(plain);
        TableWriter.Write(none, table);

        Assert.Equal("", plain.ToString());
        Assert.Equal("no apps yet\n", table.ToString());
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a\nb\u001b[2Jc", "a\ufffdb\ufffd[2Jc")]
    [InlineData("net = [\"\u202egpj.exe\"]", "net = [\"\ufffdgpj.exe\"]")]
    [InlineData("[bold]not markup[/]", "[bold]not markup[/]")]
    public void TextFromElsewhereStaysTextOnItsLine(string text, string shown)
    {
        var output = new StringWriter();
        new Listing([], [[text, "x"]]).WritePlain(output);
        var table = new StringWriter();
        TableWriter.Write(new Listing([], [[text, "x"]]), table);

        Assert.Equal($"{shown}  x\n", output.ToString());
        Assert.Contains(shown, table.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Somebody accepts permissions by what is shown: no part of a line may be left out.</summary>
    [Fact]
    public void LongTextIsNotCut() => Assert.Equal(5001, TerminalText.Printable(new string('x', 5000) + "\n").Length);
}
