using System.Globalization;
using System.Text.Json;
using Wisp.Wasi.Tests;

namespace Wisp.AotCheck;

/// <summary>Real programs and the official WASI cases do under NativeAOT, in a process of their own, what they do in the other tests.</summary>
public sealed class PublishedBinaryTests : IDisposable
{
    private static readonly string Guests = Suites.PathOf("..", "guests");
    private static readonly string Cases = Suites.PathOf("wasi-testsuite");

    private readonly DirectoryInfo _scratch = Directory.CreateTempSubdirectory("wisp-aot-");

    public static TheoryData<string> Programs => Suites.Rows(Guests, "*.wasm");

    public static TheoryData<string> WasiCases => Suites.Rows(Cases, "*.wasm");

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task ProgramRunsCompiledThenFromTheCacheThenFromAnImage(string name)
    {
        SkipWithoutBinary();
        Suites.SkipWhenMissing(name, Guests);
        string wasm = Path.Combine(Guests, name);
        string image = Path.Combine(_scratch.FullName, "program.wisp");
        (int compiled, _, string error) = await PublishedBinary.Run(["compile", wasm, "-o", image], "", _scratch.FullName);
        Assert.True(compiled == 0, error);

        await CheckProgram(wasm, wasm);
        await CheckProgram(wasm, wasm);
        await CheckProgram(image, wasm);
    }

    [Theory]
    [MemberData(nameof(WasiCases))]
    public async Task CaseOfTheWasiSuitePasses(string name)
    {
        SkipWithoutBinary();
        Suites.SkipWhenMissing(name, Cases);
        string wasm = Path.Combine(Cases, name);
        string description = Path.ChangeExtension(wasm, ".json");
        using JsonDocument json = JsonDocument.Parse(File.Exists(description) ? await Read(description) : "{}");
        using var copies = new FreshCopies(Path.GetDirectoryName(wasm)!);
        var arguments = new List<string> { "run" };
        foreach (JsonElement directory in Elements(json, "dirs"))
        {
            arguments.AddRange(["--dir", $"{copies.Make(directory.GetString()!)}::{directory.GetString()}"]);
        }

        if (json.RootElement.TryGetProperty("env", out JsonElement variables))
        {
            foreach (JsonProperty variable in variables.EnumerateObject())
            {
                arguments.AddRange(["--env", $"{variable.Name}={variable.Value.GetString()}"]);
            }
        }

        arguments.AddRange([wasm, "--", .. Elements(json, "args").Select(text => text.GetString()!)]);
        (int code, string output, string error) = await PublishedBinary.Run(arguments, "", _scratch.FullName);

        int expected = json.RootElement.TryGetProperty("exit_code", out JsonElement exit) ? exit.GetInt32() : 0;
        Assert.True(code == expected, $"exit code {code}, not {expected}\n{error}");
        if (json.RootElement.TryGetProperty("stdout", out JsonElement text))
        {
            Assert.Equal(text.GetString(), output);
        }
    }

    public void Dispose() => _scratch.Delete(recursive: true);

    private async Task CheckProgram(string program, string wasm)
    {
        string data = Directory.CreateDirectory(Path.Combine(_scratch.FullName, "data")).FullName;
        await File.WriteAllTextAsync(
            Path.Combine(data, "in.txt"), "text from the granted directory\n", TestContext.Current.CancellationToken);
        (int code, string output, string error) = await PublishedBinary.Run(
            ["run", "--dir", data + "::/data", "--env", "GREETING=hi", program, "--", "a", "b"], "line one\nline two\n",
            _scratch.FullName);
        string beside = Path.GetDirectoryName(wasm)!;
        Assert.Equal(await Read(Path.Combine(beside, "expected.stdout")), output);
        int expected = int.Parse(await Read(Path.Combine(beside, "expected.exit")), CultureInfo.InvariantCulture);
        Assert.True(code == expected, $"exit code {code}, not {expected}\n{error}");
    }

    private static IEnumerable<JsonElement> Elements(JsonDocument json, string name) =>
        json.RootElement.TryGetProperty(name, out JsonElement array) ? array.EnumerateArray() : [];

    private static Task<string> Read(string path) => File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);

    private static void SkipWithoutBinary()
    {
        if (PublishedBinary.FullPath is null)
        {
            Assert.Skip("no binary: set WISP_BINARY to one, or WISP_PUBLISH=1 to publish one (needs gcc and zlib1g-dev)");
        }
    }
}
