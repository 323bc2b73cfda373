using System.Globalization;
using System.Text;

namespace Wisp.Bench.Load;

/// <summary>The apps of the mixed load and what is asked of them: quick ones, large bodies, slow ones, and all the ways to fail.</summary>
internal static class LoadKinds
{
    private const int MostBytes = 200_000;

    private const string Imports = """
        (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
        (memory (export "memory") 2)
        """;

    // A program of its own for each way to fail or to take long.
    private static readonly Dictionary<string, string> Programs = new()
    {
        ["trap"] = $"(module {Imports} (func (export \"_start\") unreachable))",
        ["exit"] = $"(module {Imports} (func (export \"_start\") (call $proc_exit (i32.const 3))))",
        ["greedy"] = $"(module {Imports} (func (export \"_start\") (loop $more (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) unreachable))",
        ["spin"] = $"(module {Imports} (func (export \"_start\") (loop $again (br $again))))",
        ["deep"] = $"(module {Imports} (func $deep (result i32) (i32.add (call $deep) (i32.const 1))) (func (export \"_start\") (drop (call $deep))))",
        ["garbage"] = $$"""
            (module {{Imports}} (data (i32.const 64) "no head at all\n") (func (export "_start")
              (i32.store (i32.const 0) (i32.const 64)) (i32.store (i32.const 4) (i32.const 15))
              (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
            """,
        ["slow"] = $$"""
            (module {{Imports}} (data (i32.const 1024) "Content-Type: text/plain\n\nslept\n") (func (export "_start")
              (i64.store (i32.const 16) (i64.const 1)) (i32.store (i32.const 32) (i32.const 1)) (i64.store (i32.const 40) (i64.const 200000000))
              (drop (call $poll_oneoff (i32.const 16) (i32.const 64) (i32.const 1) (i32.const 96)))
              (i32.store (i32.const 0) (i32.const 1024)) (i32.store (i32.const 4) (i32.const 32))
              (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
            """,
    };

    /// <summary>Every kind. Each of the samples is an app, and the programs that fail are one together.</summary>
    public static readonly IReadOnlyList<LoadKind> All =
    [
        new("hello", 30, random => Ask("hello", $"/{random.Next(1000)}", 200, path => $"Hello from WebAssembly!\nYou asked for {path} with GET.\n")),
        new("an item", 15, random =>
        {
            int id = random.Next(1, 1000);
            return Ask("shop", $"/items/{id}", 200, _ => $"{{\"id\":{id},\"price\":{id * 3},\"currency\":\"EUR\"}}\n");
        }),
        new("no such item", 3, _ => Ask("shop", "/items/0", 404, _ => "no item has this number\n")),
        new("a small body", 8, random =>
        {
            int length = random.Next(200);
            return new LoadRequest("shop", "POST", "/cart/fruit", Bytes(random, length), 200, Text($"POST in /cart at \"/fruit\", {length} bytes\n"));
        }),
        new("a large body, there and back", 6, random =>
        {
            byte[] body = Bytes(random, random.Next(MostBytes));
            return new LoadRequest("faults", "POST", "/echo", body, 200, body);
        }),
        new("a body past its limit", 2, random => new LoadRequest("shop", "POST", "/cart/x", Bytes(random, 70_000), 413, null)),
        new("words of a text, in Rust", 6, random =>
        {
            int count = random.Next(1, 200);
            byte[] body = Text(string.Join(' ', Enumerable.Repeat("word", count)));
            return new LoadRequest("rust-words", "POST", "/words", body, 200, Text($"{{\"total\":{count},\"top\":{{\"word\":{count}}}}}\n"));
        }),
        new("lines of a text, in Go", 4, random =>
        {
            int[] numbers = [.. Enumerable.Range(0, random.Next(1, 50)).Select(_ => random.Next(1000, 10_000))];
            string Lines(IEnumerable<int> of) => string.Concat(of.Select(number => number.ToString(CultureInfo.InvariantCulture) + "\n"));
            return new LoadRequest("go-lines", "POST", "/sort", Text(Lines(numbers)), 200, Text(Lines(numbers.Order())));
        }),
        new("a title, in AssemblyScript", 4, random =>
        {
            int number = random.Next(10_000);
            return Ask("assemblyscript-slug", $"/slug/Hello%20World,%20{number}!", 200, _ => $"hello-world-{number}\n");
        }),
        new("an answer of the host's", 4, _ => Ask("shop", "/", 200, _ => "Ask for /items/1 or /cart/anything.\n")),
        new("no such route", 2, _ => Ask("shop", "/nothing", 404, null)),
        new("another method", 1, _ => new LoadRequest("shop", "DELETE", "/items/1", null, 405, null)),
        new("a function that waits", 6, _ => Ask("faults", "/slow", 200, _ => "slept\n")),
        new("a trap", 3, _ => Ask("faults", "/trap", 500, null)),
        new("an exit code", 2, _ => Ask("faults", "/exit", 500, null)),
        new("no CGI answer", 1, _ => Ask("faults", "/garbage", 502, null)),
        new("memory past its limit", 1, _ => Ask("faults", "/greedy", 500, null)),
        new("stack past its limit", 1, _ => Ask("faults", "/deep", 500, null)),
        new("processor time past its limit", 1, _ => Ask("faults", "/spin", 504, null)),
    ];

    /// <summary>The samples that take part, each an app.</summary>
    public static readonly IReadOnlyList<string> Samples = ["hello", "shop", "rust-words", "go-lines", "assemblyscript-slug"];

    /// <summary>Writes the app whose functions fail, wait and echo.</summary>
    /// <param name="folder">Where to.</param>
    /// <param name="samples">Where the samples are.</param>
    public static void WriteFaults(string folder, string samples)
    {
        Directory.CreateDirectory(folder);
        File.Copy(Path.Combine(samples, "echo/echo.wasm"), Path.Combine(folder, "echo.wasm"), overwrite: true);
        var manifest = new StringBuilder("[application]\nname = \"faults\"\n");
        foreach (string name in Programs.Keys.Append("echo"))
        {
            manifest.Append(CultureInfo.InvariantCulture, $"""

                [[trigger.http]]
                route = "/{name}"
                component = "{name}"

                [component.{name}]
                source = "{name}.{(name == "echo" ? "wasm" : "wat")}"
                limits = {"{"} memory = "8MiB", cpu = "{(name == "spin" ? "20ms" : "5s")}", stack = "256KiB", wall = "60s" {"}"}

                """);
        }

        foreach ((string name, string text) in Programs)
        {
            File.WriteAllText(Path.Combine(folder, $"{name}.wat"), text);
        }

        File.WriteAllText(Path.Combine(folder, "wisp.toml"), manifest.ToString());
    }

    private static LoadRequest Ask(string app, string path, int status, Func<string, string>? answer) =>
        new(app, "GET", path, null, status, answer is null ? null : Text(answer(path)));

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] Bytes(Random random, int count)
    {
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
