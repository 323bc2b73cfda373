using Wisp.Wasm.Text;

namespace Wisp.Bench.Compiling;

/// <summary>A module whose size grows with a number, made to cost much where a compiler is not careful.</summary>
/// <param name="Name">What there is much of.</param>
/// <param name="Count">The number at which it is first compiled; then twice and four times.</param>
/// <param name="Text">The module in the text format.</param>
internal sealed record Shape(string Name, int Count, Func<int, string> Text)
{
    public static IReadOnlyList<Shape> All { get; } =
    [
        new("blocks, one after the other", 10_000, n => Function("(local i32)", Repeat(n, i =>
            $"(block (br_if 0 (i32.eq (local.get 0) (i32.const {i}))) (local.set 1 (i32.add (local.get 1) (i32.const {i}))))"))),
        new("values live at once", 30_000, n => Function("(local i32)",
            Repeat(n, i => $"(i32.load offset={4 * i} (local.get 0))") + Repeat(n - 1, _ => "i32.xor ") + "local.set 1")),
        new("locals live in a loop", 5_000, n => Function(Locals(n),
            "(loop " + Repeat(n, i => $"(local.set {i + 1} (i32.add (local.get {((i + 1) % n) + 1}) (local.get 0)))") + "(br_if 0 (local.get 1)))")),
        new("blocks, each in the other", 50_000, n => Function("(local i32)",
            Repeat(n, _ => "block (br_if 0 (local.get 0)) ") + "(local.set 1 (i32.const 1))" + Repeat(n, _ => " end"))),
        new("loops, each in the other", 2_000, n => Function("(local i32)",
            Repeat(n, _ => "loop (local.set 1 (i32.add (local.get 1) (i32.const 1))) ") + Repeat(n, _ => "(br_if 0 (local.get 0)) end "))),
        new("entries of a br_table, one target", 100_000, n => Function("(local i32)",
            "(block (block (br_table " + Repeat(n, i => i % 2 == 0 ? "0 " : "1 ") + "0 (local.get 0))) (local.set 1 (i32.const 1)))")),
        new("targets of a br_table", 5_000, n => Function("(local i32)",
            Repeat(n, _ => "block ") + "(br_table " + Repeat(n, i => $"{i} ") + "0 (local.get 0))"
            + Repeat(n, i => $" end (local.set 1 (i32.add (local.get 1) (i32.const {i})))"))),
        new("locals, each set before a br_table", 500, n => Function(Locals(n),
            Repeat(500, _ => "block ") + Repeat(n, i => $"(local.set {i + 1} (i32.add (local.get 0) (i32.const {i})))")
            + "(br_table " + Repeat(500, i => $"{i} ") + "0 (local.get 0))"
            + Repeat(500, i => $" end (local.set {(i % n) + 1} (i32.add (local.get {((i + 7) % n) + 1}) (i32.const {i})))")
            + Repeat(n, i => $"(local.set 1 (i32.add (local.get 1) (local.get {i + 1})))"))),
        new("selects, each of the one before", 20_000, n => Function("(local i32)", Repeat(n, i =>
            $"(local.set 1 (select (local.get 1) (i32.const {i}) (i32.lt_u (local.get 1) (local.get 0))))"))),
        new("instructions in a row", 100_000, n => Function("(local i32)", Repeat(n / 4, i =>
            $"(local.set 1 (i32.mul (i32.add (local.get 1) (i32.load offset={i % 4096} (local.get 0))) (i32.const {i | 1})))"))),
        new("stores in a row", 30_000, n => Function("", Repeat(n, i => $"(i32.store offset={4 * i} (local.get 0) (i32.const {i}))"))),
        new("loads and stores of globals", 20_000, n => Function("", Repeat(n, i =>
            $"(global.set $g{i % 100} (i32.add (global.get $g{(i * 7) % 100}) (i32.const {i})))"))),
        new("conditions, each in the other", 10_000, n => Function("(local i32)",
            Repeat(n, i => $"(i32.gt_u (local.get 0) (i32.const {i})) if ") + "(local.set 1 (i32.const 1))" + Repeat(n, _ => " end"))),
        new("ifs that set one local", 10_000, n => Function("(local i32)", Repeat(n, i =>
            $"(if (i32.eq (local.get 0) (i32.const {i})) (then (local.set 1 (i32.const {i}))) (else (local.set 1 (i32.add (local.get 1) (i32.const 1)))))"))),
        new("calls over 20 live values", 5_000, n => Function(Locals(20), Repeat(n, i =>
            $"(local.set {(i % 20) + 1} (call $other (local.get {((i + 3) % 20) + 1})))")
            + Repeat(20, i => $"(local.set 1 (i32.add (local.get 1) (local.get {i + 1})))"))),
        new("small functions", 10_000, n => Module(Repeat(n, i =>
            $"(func (param i32) (result i32) (i32.add (local.get 0) (call $other (i32.const {i}))))"))),
        new("returns", 10_000, n => Function("(local i32)", Repeat(n, i => $"(if (i32.eq (local.get 0) (i32.const {i})) (then (return (i32.const {i}))))"))),
    ];

    public byte[] Wasm(int count) => WatParser.ParseModule(Text(count), Name);

    private static string Function(string locals, string body) => Module($"(func (export \"f\") (param i32) (result i32) {locals} {body} (local.get 0))");

    private static string Module(string functions) =>
        $"(module (memory 1) {Repeat(100, i => $"(global $g{i} (mut i32) (i32.const {i}))")}"
        + $"(func $other (param i32) (result i32) (local.get 0)) {functions})";

    private static string Locals(int count) => "(local " + Repeat(count, _ => "i32 ") + ")";

    private static string Repeat(int count, Func<int, string> part) => string.Concat(Enumerable.Range(0, count).Select(part));
}
