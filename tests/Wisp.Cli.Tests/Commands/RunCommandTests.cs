namespace Wisp.Cli.Tests.Commands;

public sealed class RunCommandTests : IDisposable
{
    private const string Hello = "samples/hello/hello.wasm";
    private const string Add = "samples/add/add.wat";
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void RunsAProgram()
    {
        WispResult result = WispProcess.Run("run", Hello);

        Assert.Equal(0, result.Code);
        Assert.Equal(
            "Content-Type: text/plain; charset=utf-8\r\n\r\nHello from WebAssembly!\nYou asked for / with nothing at all.\n", result.Output);
        Assert.Empty(result.Error);
    }

    [Fact]
    public void PassesStandardInputAndOutputThrough()
    {
        string input = string.Concat(Enumerable.Range(0, 20_000).Select(i => $"line {i}\n"));

        WispResult result = WispProcess.RunIn(null, input, "run", "samples/echo/echo.wasm");

        Assert.Equal(0, result.Code);
        Assert.Equal(input, result.Output);
    }

    [Fact]
    public void GivesTheEnvironmentThatWasGrantedAndNoOther()
    {
        WispResult result = WispProcess.Run("run", Hello, "--env", "PATH_INFO=/x", "--env", "REQUEST_METHOD=GET");

        Assert.Contains("You asked for /x with GET.", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("add", "2", "40", "42\n")]
    [InlineData("add", "-1", "0x10", "15\n")]
    [InlineData("add", "2147483647", "1", "-2147483648\n")]
    public void InvokesAFunction(string name, string left, string right, string output)
    {
        WispResult result = WispProcess.Run("run", Add, "--invoke", name, left, right);

        Assert.Equal((0, output), (result.Code, result.Output));
    }

    [Fact]
    public void TrapEndsWith134AndABacktrace()
    {
        WispResult result = WispProcess.Run("run", Add, "--invoke", "divide", "1", "0");

        Assert.Equal(134, result.Code);
        Assert.StartsWith("wisp: trap: integer divide by zero\n  0: ", result.Error, StringComparison.Ordinal);
        Assert.Contains("divide", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void EndsWithTheProgramsOwnCode()
    {
        string program = _scratch.Write("exit.wat", """
            (module
              (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
              (memory (export "memory") 1)
              (func (export "_start") (call $exit (i32.const 37))))
            """);

        WispResult result = WispProcess.Run("run", program);

        Assert.Equal(37, result.Code);
        Assert.Empty(result.Error);
    }

    [Theory]
    [InlineData("wall=100ms")]
    [InlineData("cpu=100ms")]
    public void LimitOfTimeEndsAnEndlessLoop(string limit)
    {
        string program = _scratch.Write("spin.wat", """(module (func (export "_start") (loop $again (br $again))))""");

        WispResult result = WispProcess.Run("run", program, "--limit", limit);

        Assert.Equal(134, result.Code);
        Assert.StartsWith("wisp: trap: ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void RecursionWithoutEndIsATrap()
    {
        string program = _scratch.Write("deep.wat", """(module (func $f (export "_start") (call $f) (call $f)))""");

        WispResult result = WispProcess.Run("run", program);

        Assert.Equal(134, result.Code);
        Assert.Contains("call stack exhausted", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "unknown option --no-such", "run", "--no-such", Hello)]
    [InlineData(2, "module", "run")]
    [InlineData(2, "command", "nonsense")]
    [InlineData(2, "--dir", "run", Hello, "--dir", "")]
    [InlineData(2, "--limit", "run", Hello, "--limit", "memory=lots")]
    [InlineData(2, "takes 2 arguments (i32 i32), 1 were given", "run", Add, "--invoke", "add", "1")]
    [InlineData(2, "\"x\" is no i32", "run", Add, "--invoke", "add", "x", "1")]
    [InlineData(2, "\"4294967296\" is no i32", "run", Add, "--invoke", "add", "4294967296", "1")]
    [InlineData(1, "no such file", "run", "nowhere.wasm")]
    [InlineData(1, "is a directory", "run", "samples")]
    [InlineData(1, "magic header not detected", "run", "LICENSE")]
    [InlineData(1, "exports no function \"sub\"; it has: add, factorial, divide", "run", Add, "--invoke", "sub")]
    [InlineData(1, "exports no function _start", "run", Add)]
    [InlineData(1, "nowhere", "run", Hello, "--dir", "nowhere::/data")]
    public void BadInputIsOneLineThatSaysWhat(int code, string text, params string[] arguments)
    {
        WispResult result = WispProcess.Run(arguments);

        Assert.Equal(code, result.Code);
        Assert.Contains(text, result.Error, StringComparison.Ordinal);
        Assert.Equal(1, result.Error.AsSpan().Count('\n'));
        Assert.StartsWith("wisp: ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void ImportThatThereIsNotIsNamed()
    {
        string program = _scratch.Write("env.wat", """(module (import "env" "print" (func)) (func (export "_start")))""");

        WispResult result = WispProcess.Run("run", program);

        Assert.Equal(1, result.Code);
        Assert.Contains("env", result.Error, StringComparison.Ordinal);
        Assert.Contains("print", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void DenialNamesTheFlagThatWouldAllowIt()
    {
        string data = Directory.CreateDirectory(_scratch["data"]).FullName;
        string program = _scratch.Write("write.wat", """
            (module
              (import "wasi_snapshot_preview1" "path_open"
                (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
              (memory (export "memory") 1)
              (data (i32.const 16) "out.txt")
              (func (export "_start")
                ;; create a file for writing beneath the first directory; the error is the exit code
                (call $exit (call $open (i32.const 3) (i32.const 0) (i32.const 16) (i32.const 7)
                  (i32.const 1) (i64.const 0x40) (i64.const 0) (i32.const 0) (i32.const 0)))))
            """);

        WispResult denied = WispProcess.Run("run", program, "--dir", $"{data}::/data:ro", "--audit", _scratch["audit.jsonl"]);
        WispResult allowed = WispProcess.Run("run", program, "--dir", $"{data}::/data", "--learn", _scratch["grant.toml"]);

        Assert.NotEqual(0, denied.Code);
        Assert.Contains($"--dir {data}::/data", denied.Error, StringComparison.Ordinal);
        Assert.Contains("\"outcome\":\"denied\"", File.ReadAllText(_scratch["audit.jsonl"]), StringComparison.Ordinal);
        Assert.Equal(0, allowed.Code);
        Assert.True(File.Exists(Path.Combine(data, "out.txt")));
        Assert.Contains($"--dir {data}::/data", File.ReadAllText(_scratch["grant.toml"]), StringComparison.Ordinal);
    }
}
