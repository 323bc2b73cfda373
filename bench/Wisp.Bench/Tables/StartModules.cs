using System.Text;

namespace Wisp.Bench.Tables;

/// <summary>Modules to be started, from nothing to much.</summary>
internal static class StartModules
{
    /// <summary>A name, a binary, and whether it exports <c>touch</c>, to be called before the instance is dropped.</summary>
    public static IEnumerable<(string Name, byte[] Wasm, bool Calls)> All()
    {
        yield return ("empty", Parse("(module)"), false);
        yield return ("small", Small(), false);
        yield return ("small, called", Small(), true);
        yield return ("wasi hello", Hello(), false);
        yield return ("10 MiB of data", MuchData(), false);
        yield return ("10 MiB of data, 4 pages written", MuchData(), true);
        yield return ("600 pages written", ManyPages(), true);
    }

    /// <summary>One page of memory, some data, a table, a global, a few functions.</summary>
    public static byte[] Small() => Parse("""
        (module
          (memory (export "memory") 1)
          (global (mut i32) (i32.const 7))
          (table 8 funcref)
          (elem (i32.const 1) $f $g $f)
          (data (i32.const 16) "some initial bytes") (data (i32.const 9000) "and some more of them")
          (func $f (result i32) (i32.const 1))
          (func $g (result i32) (i32.load (i32.const 16)))
          (func (export "touch") (i32.store (i32.const 128) (call $g)) (i32.store (i32.const 20000) (call $f))))
        """);

    /// <summary>Writes to 600 pages of 4 KiB.</summary>
    public static byte[] ManyPages() => Parse("""
        (module
          (memory 40)
          (func (export "touch") (local i32)
            (loop $next
              (i32.store (local.get 0) (i32.const 1))
              (br_if $next (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 4096))) (i32.const 2457600))))))
        """);

    /// <summary>The sample, compiled from C, which imports functions of WASI.</summary>
    public static byte[] Hello() => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "samples", "hello.wasm"));

    public static byte[] MuchData()
    {
        const int Bytes = 10 << 20;
        var text = new StringBuilder("(module (memory 164) (data (i32.const 1024) \"");
        for (int i = 0; i < Bytes; i++)
        {
            text.Append((char)('a' + (i * 7 % 26)));
        }

        text.Append("\") (func (export \"touch\")");
        for (int page = 0; page < 4; page++)
        {
            text.Append($" (i32.store (i32.const {(page * 3_000_000) + 5000}) (i32.const 1))");
        }

        return Parse(text.Append("))").ToString());
    }

    /// <summary>A module of so many functions that its code is over 1 MB; <c>first</c> calls some of them.</summary>
    public static byte[] MuchCode()
    {
        const int Functions = 2000;
        var text = new StringBuilder("(module (memory 2) (data (i32.const 64) \"a few bytes\") (table 64 funcref) (elem (i32.const 0) $f0 $f1 $f2)\n");
        for (int i = 0; i < Functions; i++)
        {
            text.Append($"(func $f{i} (param $a i64) (param $b i64) (result i64) (local $c i64)\n");
            for (int step = 0; step < 24; step++)
            {
                int k = (i * 24) + step + 3;
                text.Append($"(local.set $c (i64.add (i64.xor (local.get $a) (i64.const {k})) (i64.rotl (local.get $b) (i64.const {1 + (k % 60)}))))\n");
                text.Append($"(i64.store (i32.const {k % 9000 * 8}) (local.get $c))\n");
                text.Append($"(local.set $a (i64.mul (local.get $c) (i64.load (i32.const {k * 5 % 9000 * 8}))))\n");
                text.Append($"(local.set $b (i64.sub (local.get $a) (local.get $b)))\n");
            }

            text.Append(i >= 50 ? $"(call $f{i - 50} (local.get $a) (local.get $b)))\n" : "(local.get $b))\n");
        }

        text.Append($"(func (export \"first\") (result i64) (call $f{Functions - 1} (i64.const 11) (i64.const 13))))");
        return Parse(text.ToString());
    }

    private static byte[] Parse(string text) => Wasm.Text.WatParser.ParseModule(text, "start");
}
