using System.ComponentModel;
using System.Diagnostics;

namespace Wisp.Cli.Tests.Commands;

public sealed class CompileCommandTests : IDisposable
{
    private const string Add = "samples/add/add.wat";
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void ImageRunsLikeItsModule()
    {
        WispResult compiled = WispProcess.Run("compile", Add, "-o", _scratch["add.wisp"]);
        Assert.Equal((0, string.Empty), (compiled.Code, compiled.Error));

        Assert.Equal("42\n", WispProcess.Run("run", _scratch["add.wisp"], "--invoke", "add", "2", "40").Output);
        Assert.Equal(134, WispProcess.Run("run", _scratch["add.wisp"], "--invoke", "divide", "1", "0").Code);
    }

    [Fact]
    public async Task ImageRunsFromAFileSystemThatForbidsExecution()
    {
        WispProcess.Run("compile", Add, "-o", _scratch["add.wisp"]);
        Directory.CreateDirectory(_scratch["noexec"]);

        // A mount namespace of its own, gone with the shell. "$1" is the command, "$2" the folder.
        const string Script = """
            mount -t tmpfs -o noexec none "$2/noexec" 2>&1 && cp "$2/add.wisp" "$2/noexec/" || exit 77
            "$1" run "$2/noexec/add.wisp" --invoke add 2 40
            """;
        string[] arguments = ["-rm", "sh", "-c", Script, "sh", WispProcess.Binary, _scratch.Path];
        using Process? shell = TryStart(new ProcessStartInfo("unshare", arguments) { RedirectStandardOutput = true, RedirectStandardError = true });
        if (shell is null)
        {
            Assert.Skip("there is no unshare command");
        }

        CancellationToken ended = TestContext.Current.CancellationToken;
        string output = await shell.StandardOutput.ReadToEndAsync(ended);   // neither fills its pipe
        string error = await shell.StandardError.ReadToEndAsync(ended);
        await shell.WaitForExitAsync(ended);
        if (shell.ExitCode == 77 || error.StartsWith("unshare", StringComparison.Ordinal))
        {
            Assert.Skip($"cannot mount in a namespace: {output}{error}");
        }

        Assert.Equal((0, "42\n", string.Empty), (shell.ExitCode, output, error));
    }

    [Fact]
    public void SameModuleYieldsTheSameImage()
    {
        WispProcess.Run("compile", "samples/hello/hello.wasm", "-o", _scratch["a.wisp"]);
        WispProcess.Run("compile", "samples/hello/hello.wasm", "-o", _scratch["b.wisp"]);

        Assert.Equal(File.ReadAllBytes(_scratch["a.wisp"]), File.ReadAllBytes(_scratch["b.wisp"]));
    }

    [Fact]
    public void FileOfTheUsersIsNotReplacedUnlessAsked()
    {
        string notes = _scratch.Write("notes.txt", "mine");

        WispResult refused = WispProcess.Run("compile", Add, "-o", notes);
        Assert.Equal(1, refused.Code);
        Assert.Contains("--force", refused.Error, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(notes));

        Assert.Equal(0, WispProcess.Run("compile", Add, "-o", notes, "--force").Code);
        Assert.Equal(0, WispProcess.Run("compile", Add, "-o", notes).Code);   // by now it is an image
        Assert.Single(Directory.GetFiles(_scratch.Path));
    }

    [Theory]
    [InlineData("nowhere/add.wisp", "there is no folder")]
    [InlineData("samples", "is a directory")]
    public void OutputThatCannotBeWrittenIsOneLine(string target, string text)
    {
        WispResult result = WispProcess.Run("compile", Add, "-o", target);

        Assert.Equal(1, result.Code);
        Assert.Contains(text, result.Error, StringComparison.Ordinal);
        Assert.Equal(1, result.Error.AsSpan().Count('\n'));
    }

    [Fact]
    public void DamagedImageIsRefusedAndNeverRun()
    {
        WispProcess.Run("compile", Add, "-o", _scratch["add.wisp"]);
        byte[] image = File.ReadAllBytes(_scratch["add.wisp"]);
        image[^1] ^= 0x40;
        File.WriteAllBytes(_scratch["damaged.wisp"], image);
        File.WriteAllBytes(_scratch["cut.wisp"], image.AsSpan(0, image.Length / 2));

        foreach (string file in (string[])["damaged.wisp", "cut.wisp"])
        {
            WispResult result = WispProcess.Run("run", _scratch[file], "--invoke", "add", "2", "40");
            Assert.Equal((1, string.Empty), (result.Code, result.Output));
            Assert.Contains(file, result.Error, StringComparison.Ordinal);
            Assert.Equal(1, result.Error.AsSpan().Count('\n'));
        }
    }

    [Fact]
    public void InvalidModuleIsRefusedWithThePlace()
    {
        string invalid = _scratch.Write("invalid.wat", "(module (func (result i32)))");

        WispResult result = WispProcess.Run("compile", invalid);

        Assert.Equal(1, result.Code);
        Assert.Contains("invalid.wat: type mismatch", result.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_scratch["invalid.wisp"]));
    }

    [Fact]
    public void WhatTheCompilerDoesNotKnowYetIsNamed()
    {
        string atomic = _scratch.Write("atomic.wat", "(module (memory 1 1 shared) (func (export \"f\") (atomic.fence)))");

        WispResult result = WispProcess.Run("compile", atomic);

        Assert.Equal(1, result.Code);
        Assert.Contains("atomic.wat: not supported yet: ", result.Error, StringComparison.Ordinal);
        Assert.Equal(1, result.Error.AsSpan().Count('\n'));
    }

    [Fact]
    public void TextErrorHasLineAndColumn()
    {
        string bad = _scratch.Write("bad.wat", "(module\n  (func (i32.nonsense)))");

        WispResult result = WispProcess.Run("compile", bad);

        Assert.Equal(1, result.Code);
        Assert.Contains("bad.wat:2:", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void ExplicitBoundsTrapLikeGuardPages()
    {
        string program = _scratch.Write("load.wat", """
            (module (memory 1) (func (export "load") (param i32) (result i32) (i32.load (local.get 0))))
            """);
        foreach (string bounds in (string[])["guarded", "explicit"])
        {
            WispResult result = WispProcess.Run("run", program, "--no-cache", "--bounds", bounds, "--invoke", "load", "65533");
            Assert.Equal(134, result.Code);
            Assert.Contains("out of bounds memory access", result.Error, StringComparison.Ordinal);
        }
    }

    private static Process? TryStart(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
