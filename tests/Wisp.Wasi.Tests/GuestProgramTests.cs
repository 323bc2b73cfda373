using Wisp.Permissions;

namespace Wisp.Wasi.Tests;

/// <summary>Programs of several languages and compilers, compiled and from an image.</summary>
public sealed class GuestProgramTests : IDisposable
{
    private static readonly string Folder = Suites.PathOf("..", "guests");

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("wisp-wasi-");

    public GuestProgramTests() =>
        File.WriteAllText(Path.Combine(_data.FullName, "in.txt"), "text from the granted directory\n");

    public static TheoryData<string> Programs => Suites.Rows(Folder, "*.wasm");

    [Theory]
    [MemberData(nameof(Programs))]
    public Task ProgramRuns(string name) => Check(name, throughImage: false);

    [Theory]
    [MemberData(nameof(Programs))]
    public Task ProgramRunsFromAnImage(string name) => Check(name, throughImage: true);

    public void Dispose() => _data.Delete(recursive: true);

    private async Task Check(string name, bool throughImage)
    {
        Suites.SkipWhenMissing(name, Folder);
        string wasm = Path.Combine(Folder, name);
        string beside = Path.GetDirectoryName(wasm)!;
        ProgramRun run = await ProgramRun.Start(
            wasm, ["a", "b"],
            grant => grant.AddEnvironment("GREETING", "hi").AddDirectory(_data.FullName, "/data",
                DirectoryAccess.ReadWrite),
            "line one\nline two\n", throughImage);
        Assert.Equal(await File.ReadAllTextAsync(Path.Combine(beside, "expected.stdout"),
            TestContext.Current.CancellationToken), run.Output);
        string exit = await File.ReadAllTextAsync(Path.Combine(beside, "expected.exit"),
            TestContext.Current.CancellationToken);
        Assert.Equal(long.Parse(exit, System.Globalization.CultureInfo.InvariantCulture), run.ExitCode);
    }
}
