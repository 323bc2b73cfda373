using Wisp.Compiler.Ir;
using Wisp.Compiler.Optimization;
using Wisp.Compiler.Tests.Translation;

namespace Wisp.Compiler.Tests.Ir;

public sealed class SsaTextTests
{
    private const int MaxBytes = 20_000;

    [Fact]
    public void ReadsEveryKindOfInstructionAsItPrintsIt()
    {
        const string Text = """
            block0(v0: i32, v1: i64, v2: f32, v3: f64):
                v4 = const.i32 -5
                v5 = const.i64 -9223372036854775808
                v6 = const.f32 0x7fa00001
                v7 = const.f64 0x8000000000000000
                v8 = compare.less_signed v0, v4
                v9 = f_compare.not_equal v2, v6
                v10 = load.i64.u32 mem0 [v0+4294967295]
                v11 = load_at.i32.s8 mem1 [v1-8]
                store.f64 mem0 [v0+8], v3
                store.i64.u16 mem0 [v0], v10
                store_context.i32 global2 [-144], v0
                v12 = context_address.i64 [-40]
                trap_if v8, integer_divide_by_zero
                trap_unless v9, unreachable
                stack_check
                v13 = call.i32 func7(v0, v1) type3
                v14 = call_result.i64 v13, 1
                v15 = call_ref.i32 v12() type0
                v16 = call_builtin.i64 memory_grow(v0, v1)
                v17 = select.f32 v0, v2, v6
                v18 = convert_s.f64 v1
                branch_table v0, block1(v0), block2(), block1(v4)
            block1(v19: i32): loop cold depth 2
                tail_call_ref v12(v19) type1 own
            block2():
                trap unreachable

            """;

        Assert.Equal(Text.ReplaceLineEndings("\n"), SsaPrinter.Print(SsaParser.Parse(Text)));
    }

    [Fact]
    public void ReadsVectorsAsItPrintsThem()
    {
        const string Text = """
            block0(v0: i32, v1: v128, v2: v128):
                v3 = const_vector.v128 0x0f0e0d0c0b0a09080706050403020100
                v4 = load.v128 mem0 [v0+16]
                v5 = load.v128.u16x4 mem0 [v0]
                v6 = i8x16.shuffle v1, v2, 0x1f0e1d0c1b0a19081706150413021100
                v7 = i16x8.add_sat_s v4, v5
                v8 = v128.bitselect v6, v7, v3
                v9 = i32x4.replace_lane v8, v0, 2
                v10 = i16x8.extract_lane_s v9, 7
                v11 = v128.any_true v8
                v12 = i64x2.shr_s v9, v11
                v13 = select.v128 v10, v12, v1
                store.v128 mem0 [v0+8], v13
                return(v13)

            """;

        Assert.Equal(Text.ReplaceLineEndings("\n"), SsaPrinter.Print(SsaParser.Parse(Text)));
    }

    [Fact]
    public void ReadsTranslatedAndOptimizedFunctionsBackAsTheyWere()
    {
        IPass[] passes = CompilePipeline.Passes();
        int functions = 0;
        foreach (string file in Suites.Kernels().Concat(Suites.Files("bench", "*.wasm")))
        {
            if (new FileInfo(file).Length > MaxBytes)
            {
                continue;
            }

            foreach ((int body, SsaFunction function) in Translations.Functions(File.ReadAllBytes(file)))
            {
                CheckRoundTrip(function, $"{file}, body {body}");
                foreach (IPass pass in passes)
                {
                    pass.Run(function);
                }

                CheckRoundTrip(function, $"{file}, body {body}, optimized");
                functions++;
            }
        }

        Assert.True(functions > 20, $"{functions}");
    }

    [Theory]
    [InlineData("block0():\n    v0 = nonsense.i32 5", "unknown operation")]
    [InlineData("block0():\n    jump block7()", "no block block7")]
    [InlineData("block0():\n    return(v9)", "no value v9")]
    [InlineData("block0():\n    v0 = load.i32 nowhere [v1]", "unknown alias region")]
    [InlineData("block0(): sideways", "expected loop")]
    [InlineData("block0(v0 i32):", "expected ':'")]
    public void RefusesTextOfAnotherForm(string text, string message)
    {
        FormatException error = Assert.Throws<FormatException>(() => SsaParser.Parse(text));

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private static void CheckRoundTrip(SsaFunction function, string where)
    {
        string text = SsaPrinter.Print(function);
        SsaFunction read = SsaParser.Parse(text);
        SsaVerifier.Verify(read, $"reading {where}");
        Assert.Equal(text, SsaPrinter.Print(read));
    }
}
