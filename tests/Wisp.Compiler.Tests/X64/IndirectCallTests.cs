using Iced.Intel;
using Wisp.Abi;
using Wisp.Compiler.Emission;
using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;
using Wisp.Wasm.Text;
using Wisp.Wasm.Validation;

namespace Wisp.Compiler.Tests.X64;

// What a call through a table asks about the instance that it leads to.
public sealed class IndirectCallTests
{
    [Theory]
    [InlineData("(table 2 funcref)", "call_indirect", false)]
    [InlineData("(table 2 funcref)", "return_call_indirect", false)]
    [InlineData("(table (export \"t\") 2 funcref)", "call_indirect", true)]
    [InlineData("(table (export \"t\") 2 funcref)", "return_call_indirect", true)]
    public void OnlyATableThatMayChangeHasItsContextCompared(string table, string call, bool isCompared)
    {
        WasmModule module = ModuleDecoder.Decode(WatParser.ParseModule(
            $"(module (type $t (func)) {table} (elem (i32.const 1) $f) (func (param i32) ({call} (type $t) (local.get 0))) (func $f))"));
        var options = new CompileOptions(new CodeOptions(CpuFeatures.None, BoundsMode.Guarded)) { Verify = true };
        CodeBlob blob = CompilePipeline.Compile(module, ModuleValidator.Validate(module), options).Functions[0];
        var code = new List<Iced.Intel.Instruction>();
        var decoder = Iced.Intel.Decoder.Create(64, new ByteArrayCodeReader(blob.Code));
        while (decoder.IP < (ulong)blob.Code.Length)
        {
            code.Add(decoder.Decode());
        }

        Assert.Equal(isCompared, code.Exists(i => i.Mnemonic == Mnemonic.Cmp && i.MemoryBase == Register.R10));
        Assert.Equal(isCompared, code.Exists(i => i.Mnemonic == Mnemonic.Push && i.Op0Register == Register.R15));
        Assert.Contains(code, i => i.Mnemonic is Mnemonic.Call or Mnemonic.Jmp && i.MemoryBase == Register.R10);
    }
}
