namespace Wisp.Cli.Tests.Commands;

public sealed class InspectionTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void ShowsImportsExportsAndPermissions()
    {
        WispResult result = WispProcess.Run("inspect", "samples/hello/hello.wasm");

        Assert.Equal(0, result.Code);
        Assert.Matches(@"(?m)^imports\s+wasi_snapshot_preview1\.fd_write\s+func \(i32, i32, i32, i32\) -> i32$", result.Output);
        Assert.Matches(@"(?m)^exports\s+_start\s+func \(\) -> nothing$", result.Output);
        Assert.Matches(@"(?m)^permissions\s+--env NAME=VALUE\s+reads environment variables$", result.Output);
    }

    [Fact]
    public void TextThatIsPrintedParsesAgain()
    {
        string wat = _scratch.Write("hello.wat", WispProcess.Run("inspect", "samples/hello/hello.wasm", "--wat").Output);

        Assert.Contains("Hello from WebAssembly!", WispProcess.Run("run", wat).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void DumpsEachPhaseOfOneFunction()
    {
        string[] arguments = ["inspect", "samples/add/add.wat", "--function", "divide", "--dump"];

        WispResult all = WispProcess.Run([.. arguments, "ssa,opt,select,alloc,asm"]);
        WispResult one = WispProcess.Run([.. arguments, "asm"]);

        Assert.Equal(
            ["ssa", "opt", "select", "alloc", "asm"],
            all.Output.Split('\n').Where(line => line.StartsWith(";; ", StringComparison.Ordinal)).Select(line => line[3..line.IndexOf(':', 3)]));
        Assert.DoesNotContain("factorial", all.Output, StringComparison.Ordinal);
        Assert.StartsWith(";; asm: function 2 \"divide\"\n", one.Output, StringComparison.Ordinal);
        Assert.Contains("trap IntegerDivideByZero", one.Output, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^    [0-9a-f]{6}  [0-9a-f]+ +Divide .*rax", one.Output);
        Assert.Equal(2, WispProcess.Run([.. arguments, "nothing"]).Code);
    }

    [Fact]
    public void NamesFromAGuestCannotMoveTheCursor()
    {
        string evil = _scratch.Write("evil.wat", """(module (func (export "\1b[2J\u{202e}x")))""");

        WispResult result = WispProcess.Run("inspect", evil);

        Assert.DoesNotContain('\u001b', result.Output);
        Assert.DoesNotContain('\u202e', result.Output);
    }

    [Fact]
    public void ValidatesEachFile()
    {
        string bad = _scratch.Write("bad.wat", "(module (func (result i32)))");

        WispResult result = WispProcess.Run("validate", "samples/add/add.wat", bad, "samples/hello/hello.wasm");

        Assert.Equal(1, result.Code);
        Assert.Equal("samples/add/add.wat: valid\nsamples/hello/hello.wasm: valid\n", result.Output);
        Assert.Contains("bad.wat: type mismatch", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void RunsScriptsAndCountsAssertions()
    {
        string good = _scratch.Write("good.wast", """
            (module (func (export "one") (result i32) (i32.const 1)))
            (assert_return (invoke "one") (i32.const 1))
            """);
        string bad = _scratch.Write("bad.wast", """
            (module (func (export "one") (result i32) (i32.const 1)))
            (assert_return (invoke "one") (i32.const 2))
            """);

        WispResult both = WispProcess.Run("wast", _scratch.Path);

        Assert.Equal(0, WispProcess.Run("wast", good).Code);
        Assert.Equal(1, both.Code);
        Assert.EndsWith("passed 1, failed 1, skipped 0\n", both.Output, StringComparison.Ordinal);
        Assert.Contains(Path.GetFileName(bad), both.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public void CompletionAsksTheCommandItself(string shell)
    {
        Assert.Contains("[suggest:", WispProcess.Run("completion", shell).Output, StringComparison.Ordinal);
        Assert.Equal("compile\ncompletion\n", WispProcess.Run("[suggest:9]", "wisp comp").Output);
    }

    [Theory]
    [InlineData("run")]
    [InlineData("serve")]
    [InlineData("compile")]
    [InlineData("validate")]
    [InlineData("inspect")]
    [InlineData("wast")]
    [InlineData("version")]
    [InlineData("completion")]
    public void HelpEndsWithExamples(string command)
    {
        WispResult result = WispProcess.Run(command, "--help");

        Assert.Equal(0, result.Code);
        Assert.Contains("Examples:\n", result.Output, StringComparison.Ordinal);
        Assert.Contains($"wisp {command}", result.Output[result.Output.IndexOf("Examples:", StringComparison.Ordinal)..], StringComparison.Ordinal);
    }
}
