using System.Text.Json;

namespace Wisp.Cli.Tests.Commands;

/// <summary>What commands on this machine say to programs.</summary>
public sealed class JsonFormatTests
{
    [Fact]
    public void EachResultIsOneDocument()
    {
        using var folder = new ScratchFolder();

        JsonElement made = Run(0, folder.Path, "new", "app", "--template", "wat");
        JsonElement tested = Run(0, folder["app"], "test");
        JsonElement asked = Run(0, Repository.Root, "invoke", "samples/shop", "/items/7");
        JsonElement inspected = Run(0, Repository.Root, "inspect", "samples/hello/hello.wasm");

        Assert.Equal("app", made.GetProperty("app").GetString());
        Assert.Equal((1, 0), (tested.GetProperty("passed").GetInt32(), tested.GetProperty("failed").GetInt32()));
        Assert.Equal((200, "EUR"), (
            asked.GetProperty("status").GetInt32(),
            JsonDocument.Parse(asked.GetProperty("body").GetString()!).RootElement.GetProperty("currency").GetString()));
        Assert.Contains(inspected.GetProperty("exports").EnumerateArray(), export => export.GetProperty("name").GetString() == "_start");
    }

    [Fact]
    public void FailuresAreInTheDocumentAndInTheExitCode()
    {
        using var folder = new ScratchFolder();
        folder.Write("wisp.toml", """
            [application]
            name = "a"
            [[trigger.http]]
            route = "/"
            response.status = 404
            [component.c]
            source = "c.wat"
            build.command = "cp source.txt c.wat"
            """);
        folder.Write("source.txt", "(module (func (export \"_start\")) (memory (export \"memory\") 0))");
        Directory.CreateDirectory(folder["tests"]);
        folder.Write("tests/a.toml", "[[test]]\nname = \"one\"\nrequest = { path = \"/\" }\nexpect = { status = 200 }\n");

        JsonElement built = Run(0, folder.Path, "build");
        JsonElement tested = Run(1, folder.Path, "test");
        JsonElement asked = Run(1, folder.Path, "invoke", ".", "/");

        Assert.Equal("c.wat", built[0].GetProperty("source").GetString());
        Assert.Equal("status: expected 200, got 404 Not Found", tested.GetProperty("tests")[0].GetProperty("faults")[0].GetString());
        Assert.Equal(404, asked.GetProperty("status").GetInt32());
    }

    private static JsonElement Run(int code, string folder, params string[] arguments)
    {
        WispResult result = WispProcess.RunIn(folder, string.Empty, [.. arguments, "--format", "json"]);
        Assert.True(result.Code == code, $"{string.Join(' ', arguments)}: {result.Code} {result.Error}");
        return JsonDocument.Parse(result.Output).RootElement;
    }
}
