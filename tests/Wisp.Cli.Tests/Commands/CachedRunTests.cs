namespace Wisp.Cli.Tests.Commands;

public sealed class CachedRunTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void SecondRunUsesTheImageOfTheFirst()
    {
        string program = Module("cached");
        string[] before = Images();

        Assert.Equal("7\n", Run("run", program, "--invoke", "f").Output);
        string image = Assert.Single(Images().Except(before));
        Assert.Equal("7\n", Run("run", program, "--invoke", "f").Output);

        Assert.Equal(before.Length + 1, Images().Length);
        Assert.StartsWith("\0wisp", System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(image)), StringComparison.Ordinal);
    }

    [Fact]
    public void DamagedEntryIsCompiledAgainWithAMessage()
    {
        string program = Module("damaged");
        string[] before = Images();
        Run("run", program, "--invoke", "f");
        string image = Assert.Single(Images().Except(before));
        byte[] bytes = File.ReadAllBytes(image);
        bytes[^1] ^= 1;
        File.WriteAllBytes(image, bytes);

        WispResult damaged = Run("run", program, "--invoke", "f");
        WispResult mended = Run("run", program, "--invoke", "f");

        Assert.Equal((0, "7\n"), (damaged.Code, damaged.Output));
        Assert.Contains("compiling damaged.wat again", damaged.Error, StringComparison.Ordinal);
        Assert.Equal((0, "7\n", string.Empty), (mended.Code, mended.Output, mended.Error));
    }

    [Fact]
    public void BacktraceFromTheCacheNamesTheModule()
    {
        string program = _scratch.Write(
            "named.wat", """(module (func $fail (export "f") unreachable))""");
        WispResult compiled = Run("run", program, "--invoke", "f");
        WispResult cached = Run("run", program, "--invoke", "f");

        Assert.Contains("named.wat!fail", compiled.Error, StringComparison.Ordinal);
        Assert.Equal(compiled.Error, cached.Error);
    }

    [Fact]
    public void NoCacheLeavesNoImage()
    {
        string program = Module("uncached");
        string[] before = Images();

        Assert.Equal("7\n", Run("run", program, "--no-cache", "--invoke", "f").Output);

        Assert.Equal(before, Images());
    }

    [Fact]
    public void SeveralProcessesAtOnceAgree()
    {
        string program = Module("several");

        Parallel.For(0, 6, new ParallelOptions { MaxDegreeOfParallelism = 6 }, _ =>
        {
            WispResult result = Run("run", program, "--invoke", "f");
            Assert.Equal((0, "7\n", string.Empty), (result.Code, result.Output, result.Error));
        });
    }

    private WispResult Run(params string[] arguments) => WispProcess.RunWithCache(_scratch["cache"], arguments);

    private string Module(string name) =>
        _scratch.Write($"{name}.wat", """(module (func (export "f") (result i32) (i32.const 7)))""");

    private string[] Images()
    {
        string folder = _scratch[Path.Combine("cache", "wisp", "images")];
        return Directory.Exists(folder) ? [.. Directory.GetFiles(folder, "*.wisp").Order(StringComparer.Ordinal)] : [];
    }
}
