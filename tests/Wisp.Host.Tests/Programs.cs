using System.Text;
using Wisp.Wasm.Text;

namespace Wisp.Host.Tests;

/// <summary>Small WASI programs, written as text.</summary>
internal static class Programs
{
    private const string Imports = """
        (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
        (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes_get (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "environ_get" (func $environ_get (param i32 i32) (result i32)))
        (memory (export "memory") 4)
        ;; writes bytes to a descriptor, all of them
        (func $write (param $fd i32) (param $at i32) (param $count i32)
          (loop $again
            (i32.store (i32.const 0) (local.get $at))
            (i32.store (i32.const 4) (local.get $count))
            (if (call $fd_write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8)) (then (call $proc_exit (i32.const 70))))
            (local.set $at (i32.add (local.get $at) (i32.load (i32.const 8))))
            (local.set $count (i32.sub (local.get $count) (i32.load (i32.const 8))))
            (br_if $again (local.get $count))))
        ;; waits
        (func $sleep (param $milliseconds i32)
          (i64.store (i32.const 16) (i64.const 1))
          (i32.store (i32.const 24) (i32.const 0))
          (i32.store (i32.const 32) (i32.const 1))
          (i64.store (i32.const 40) (i64.mul (i64.extend_i32_u (local.get $milliseconds)) (i64.const 1000000)))
          (i64.store (i32.const 48) (i64.const 0))
          (i32.store (i32.const 56) (i32.const 0))
          (drop (call $poll_oneoff (i32.const 16) (i32.const 64) (i32.const 1) (i32.const 96))))
        """;

    private const string Head = "Content-Type: text/plain\r\n\r\n";

    /// <summary>Writes a text and ends.</summary>
    public static byte[] Print(string text) => Program("(call $write (i32.const 1) (i32.const 1024) (i32.const {length}))", text);

    /// <summary>Answers with the body of the request.</summary>
    public static byte[] Echo => Program(
        """
        (local $count i32)
        (call $write (i32.const 1) (i32.const 1024) (i32.const {length}))
        (loop $again
          (i32.store (i32.const 0) (i32.const 65536))
          (i32.store (i32.const 4) (i32.const 65536))
          (if (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)) (then (call $proc_exit (i32.const 71))))
          (local.set $count (i32.load (i32.const 8)))
          (if (local.get $count)
            (then (call $write (i32.const 1) (i32.const 65536) (local.get $count)) (br $again))))
        """,
        Head);

    /// <summary>Reads the whole body, then answers.</summary>
    public static byte[] ReadAll => Program(
        """
        (loop $again
          (i32.store (i32.const 0) (i32.const 65536))
          (i32.store (i32.const 4) (i32.const 65536))
          (if (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)) (then (call $proc_exit (i32.const 71))))
          (br_if $again (i32.load (i32.const 8))))
        (call $write (i32.const 1) (i32.const 1024) (i32.const {length}))
        """,
        Head);

    /// <summary>Answers with the environment, a zero byte behind each variable.</summary>
    public static byte[] Environment => Program(
        """
        (call $write (i32.const 1) (i32.const 1024) (i32.const {length}))
        (drop (call $environ_sizes_get (i32.const 0) (i32.const 4)))
        (drop (call $environ_get (i32.const 4096) (i32.const 65536)))
        (call $write (i32.const 1) (i32.const 65536) (i32.load (i32.const 4)))
        """,
        Head);

    /// <summary>Prints the environment, a line for each variable; no CGI answer.</summary>
    public static byte[] EnvironmentLines => Program(
        """
        (local $at i32) (local $end i32)
        (drop (call $environ_sizes_get (i32.const 0) (i32.const 4)))
        (drop (call $environ_get (i32.const 4096) (i32.const 65536)))
        (local.set $end (i32.add (i32.const 65536) (i32.load (i32.const 4))))
        (local.set $at (i32.const 65536))
        (loop $again
          (if (i32.eqz (i32.load8_u (local.get $at))) (then (i32.store8 (local.get $at) (i32.const 10))))
          (br_if $again (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 1))) (local.get $end))))
        (call $write (i32.const 1) (i32.const 65536) (i32.sub (local.get $end) (i32.const 65536)))
        """,
        "x");

    /// <summary>Waits, then answers.</summary>
    public static byte[] Slow(int milliseconds) => Program(
        $"(call $sleep (i32.const {milliseconds})) (call $write (i32.const 1) (i32.const 1024) (i32.const {{length}}))", Head + "done");

    /// <summary>Answers with a piece, waits, and answers with the piece again.</summary>
    public static byte[] TwoPieces(int milliseconds) => Program(
        $"""
        (call $write (i32.const 1) (i32.const 1024) (i32.const {Head.Length}))
        (call $write (i32.const 1) (i32.const {1024 + Head.Length}) (i32.const 4))
        (call $sleep (i32.const {milliseconds}))
        (call $write (i32.const 1) (i32.const {1024 + Head.Length}) (i32.const 4))
        """,
        Head + "tick");

    /// <summary>Never ends.</summary>
    public static byte[] Spin => Program("(loop $again (br $again))", "x");

    /// <summary>Traps at once.</summary>
    public static byte[] Trap => Program("unreachable", "x");

    /// <summary>Starts an answer, then traps.</summary>
    public static byte[] AnswerThenTrap => Program("(call $write (i32.const 1) (i32.const 1024) (i32.const {length})) unreachable", Head + "half");

    /// <summary>Writes a text to standard error and ends with a code.</summary>
    public static byte[] Exit(int code, string error) =>
        Program($"(call $write (i32.const 2) (i32.const 1024) (i32.const {{length}})) (call $proc_exit (i32.const {code}))", error);

    /// <summary>Opens a path beneath its first directory for writing, as often as asked, and answers.</summary>
    public static byte[] OpenToWrite(string path, int times) => Program(
        $"""
        (local $left i32)
        (local.set $left (i32.const {times}))
        (loop $again
          (drop (call $path_open (i32.const 3) (i32.const 0) (i32.const {1024 + Head.Length}) (i32.const {path.Length})
            (i32.const 1) (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 512)))
          (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
        (call $write (i32.const 1) (i32.const 1024) (i32.const {Head.Length}))
        """,
        Head + path, imports: """
            (import "wasi_snapshot_preview1" "path_open"
              (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
            """);

    /// <summary>Answers without end.</summary>
    public static byte[] Flood => Program(
        "(call $write (i32.const 1) (i32.const 1024) (i32.const {length})) "
        + "(loop $again (call $write (i32.const 1) (i32.const 65536) (i32.const 65536)) (br $again))",
        Head);

    /// <summary>A reactor that answers with how often it was initialized and how many requests this instance has had.</summary>
    public static byte[] CountingReactor => Reactor(
        """
        (global $initialized (mut i32) (i32.const 0))
        (global $requests (mut i32) (i32.const 0))
        (func (export "_initialize") (global.set $initialized (i32.add (global.get $initialized) (i32.const 1))))
        (func (export "handle")
          (global.set $requests (i32.add (global.get $requests) (i32.const 1)))
          (i32.store8 (i32.const {last}) (i32.add (i32.const 48) (global.get $initialized)))
          (i32.store8 (i32.add (i32.const {last}) (i32.const 1)) (i32.add (i32.const 48) (global.get $requests)))
          (call $write (i32.const 1) (i32.const 1024) (i32.add (i32.const {length}) (i32.const 2))))
        """,
        Head);

    /// <summary>A module with these functions beside those that write and wait, and the data at address 1024.</summary>
    public static byte[] Reactor(string functions, string data) => Assemble(functions, data);

    /// <summary>Any program: with the functions $write and $sleep, and a text at 1024 whose length is {length}.</summary>
    /// <param name="body">What _start does.</param>
    /// <param name="data">The text.</param>
    /// <param name="fields">More of the module.</param>
    /// <param name="imports">More functions of WASI, as fields of the module.</param>
    public static byte[] Program(string body, string data = "x", string fields = "", string imports = "") =>
        Assemble($"(func $main (export \"_start\") {body})\n{fields}", data, imports);

    private static byte[] Assemble(string functions, string data, string imports = "")
    {
        byte[] bytes = Encoding.UTF8.GetBytes(data);
        string escaped = string.Concat(bytes.Select(b => $"\\{b:x2}"));
        string filled = functions.Replace("{length}", $"{bytes.Length}", StringComparison.Ordinal)
            .Replace("{last}", $"{1024 + bytes.Length}", StringComparison.Ordinal);
        return WatParser.ParseModule($"""
            (module
              {imports}
              {Imports}
              (data (i32.const 1024) "{escaped}")
              {filled})
            """);
    }
}
