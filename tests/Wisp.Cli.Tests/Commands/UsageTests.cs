namespace Wisp.Cli.Tests.Commands;

public sealed class UsageTests
{
    [Theory]
    [InlineData("wisp: a command is missing; wisp --help shows what is possible\n")]
    [InlineData("wisp: there is no command \"frob\"; wisp --help shows what is possible\n", "frob", "x.wasm")]
    [InlineData("wisp: Unrecognized command or argument '--frob'; wisp compile --help shows what is possible\n", "compile", "x.wasm", "--frob")]
    public void WrongCommandLineEndsWith2AndOneLine(string message, params string[] arguments)
    {
        WispResult result = WispProcess.Run(arguments);

        Assert.Equal(2, result.Code);
        Assert.Equal(message, result.Error);
        Assert.Empty(result.Output);
    }
}
