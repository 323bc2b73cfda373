using Iced.Intel;
using Wisp.Abi;
using Wisp.Compiler.Emission;
using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;
using Wisp.Wasm.Text.Scripts;
using Wisp.Wasm.Validation;

namespace Wisp.Compiler.Tests.X64;

// Whole functions, disassembled: what the emitter wrote must be instructions, and jumps must lead to the start of one.
public sealed class CompiledCodeTests
{
    private const CpuFeatures All =
        CpuFeatures.Lzcnt | CpuFeatures.Bmi1 | CpuFeatures.Bmi2 | CpuFeatures.Avx | CpuFeatures.Avx2 | CpuFeatures.Fma;

    private const int MaxBytes = 300_000;
    private const int MaxModules = 12;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void KernelsAreInstructions(bool everyFeature)
    {
        foreach (string file in Suites.Kernels())
        {
            Assert.True(Check(file, everyFeature ? All : CpuFeatures.None) > 0);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void GuestModulesAreInstructions(bool everyFeature)
    {
        IEnumerable<string> files = Suites.Files("bench", "*.wasm")
            .Where(file => new FileInfo(file).Length < MaxBytes)
            .Take(MaxModules);
        int functions = files.Sum(file => Check(file, everyFeature ? All : CpuFeatures.None));
        Assert.True(functions > 0);
    }

    /// <summary>Every vector instruction of the suite, and no instruction that was not asked for.</summary>
    [Theory]
    [InlineData(CpuFeatures.None)]
    [InlineData(CpuFeatures.Avx)]
    [InlineData(CpuFeatures.Avx | CpuFeatures.Avx2)]
    public void VectorScriptsAreInstructions(object features)
    {
        int functions = 0;
        foreach (string file in Suites.Files("testsuite", "*.wast").Where(
            file => Path.GetFileName(file).StartsWith("simd_", StringComparison.Ordinal) || file.Contains("relaxed", StringComparison.Ordinal)))
        {
            foreach (ModuleDirective directive in ScriptReader.Read(file, File.ReadAllBytes(file)).OfType<ModuleDirective>())
            {
                CodeBlob[] blobs = Compile(directive.Module.Encode(), (CpuFeatures)features);
                Assert.All(blobs, blob => CheckFunction(blob, Path.GetFileName(file), (CpuFeatures)features));
                functions += blobs.Length;
            }
        }

        Assert.True(functions > 1000, $"{functions}");
    }

    [Fact]
    public void TwoCompilationsAreEqual()
    {
        string file = Suites.Kernels()[0];
        CodeBlob[] first = Compile(file, All);
        CodeBlob[] second = Compile(file, All);
        Assert.All(first.Zip(second), pair => Assert.Equal(pair.First.Code, pair.Second.Code));
    }

    private static int Check(string file, CpuFeatures features)
    {
        CodeBlob[] blobs;
        try
        {
            blobs = Compile(file, features);
        }
        catch (UnsupportedFeatureException)
        {
            return 0;
        }

        for (int i = 0; i < blobs.Length; i++)
        {
            CheckFunction(blobs[i], $"{Path.GetFileName(file)}, function {i}", features);
        }

        return blobs.Length;
    }

    private static CodeBlob[] Compile(string file, CpuFeatures features) => Compile(File.ReadAllBytes(file), features);

    private static CodeBlob[] Compile(byte[] wasm, CpuFeatures features)
    {
        WasmModule module = ModuleDecoder.Decode(wasm);
        var options = new CompileOptions(new CodeOptions(features, BoundsMode.Guarded));
        return CompilePipeline.Compile(module, ModuleValidator.Validate(module), options).Functions;
    }

    // Code comes first; tables and constants follow, from the first place that it addresses relative to rip.
    private static void CheckFunction(CodeBlob blob, string name, CpuFeatures features)
    {
        var starts = new HashSet<ulong>();
        var targets = new List<ulong>();
        ulong end = (ulong)blob.Code.Length;
        var decoder = Decoder.Create(64, new ByteArrayCodeReader(blob.Code));
        while (decoder.IP < end)
        {
            starts.Add(decoder.IP);
            Iced.Intel.Instruction read = decoder.Decode();
            Assert.False(read.IsInvalid, $"{name}: no instruction at {read.IP:x}");
            Assert.True(features != CpuFeatures.None || read.Encoding == EncodingKind.Legacy, $"{name}: {read} needs a feature");
            Assert.True(features.HasFlag(CpuFeatures.Avx2) || !read.Code.CpuidFeatures().Contains(CpuidFeature.AVX2), $"{name}: {read} needs AVX2");
            if (read.IsIPRelativeMemoryOperand)
            {
                end = Math.Min(end, read.IPRelativeMemoryAddress);
            }

            if (read.FlowControl is FlowControl.ConditionalBranch or FlowControl.UnconditionalBranch && !IsTailCall(blob, read))
            {
                targets.Add(read.NearBranchTarget);
            }
        }

        Assert.All(targets, target => Assert.True(starts.Contains(target), $"{name}: jumps to {target:x}"));
        Assert.All(blob.Traps, trap => Assert.True(starts.Contains((ulong)trap.CodeOffset), $"{name}: trap at {trap.CodeOffset:x}"));
        Assert.All(blob.Calls, call => Assert.True(starts.Contains((ulong)call.CodeOffset), $"{name}: call to {call.CodeOffset:x}"));
    }

    private static bool IsTailCall(CodeBlob blob, in Iced.Intel.Instruction jump)
    {
        int displacement = (int)jump.NextIP - 4;
        return blob.Relocations.Any(relocation => relocation.CodeOffset == displacement);
    }
}
