using Wisp.Bench.Engines;
using Wisp.Bench.Measuring;

namespace Wisp.Bench.Tables;

/// <summary>Instantiating and dropping, store included, for modules of several sizes.</summary>
internal static class StartTable
{
    private const int Times = 2000;

    public static void Run(BenchContext context)
    {
        const string Table = "instantiate and drop";
        context.Table.Begin(Table);
        foreach ((string name, string text) in Modules())
        {
            byte[] wasm = Wasm.Text.WatParser.ParseModule(text, name);
            using ICompiledModule ours = context.Wisp.Compile(wasm);
            using ICompiledModule theirs = context.Peer.Compile(wasm);
            (long wisp, long peer) = Paired.Minimum(context.Rounds, () => Timed(ours), () => Timed(theirs));
            context.Table.Add(new Row(Table, name, (double)wisp / Times, (double)peer / Times));
        }

        context.Table.End(Table);
    }

    private static long Timed(ICompiledModule module) => Paired.Thread(() =>
    {
        for (int i = 0; i < Times; i++)
        {
            module.Instantiate().Dispose();
        }
    });

    private static IEnumerable<(string Name, string Text)> Modules()
    {
        yield return ("empty", "(module)");
        yield return ("one page", """(module (memory (export "memory") 1) (data (i32.const 16) "some initial bytes") (func (export "f")))""");
        yield return ("table and 1 MiB", """
            (module (memory (export "memory") 16) (table 64 funcref) (func $f (export "f")) (elem (i32.const 0) $f $f $f)
              (data (i32.const 0) "abc") (data (i32.const 500000) "def"))
            """);
    }
}
