using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;

namespace Wisp.Wasm.Tests.Binary;

public sealed class RealModulesTests
{
    [Fact]
    public void EveryModuleOfTheSuitesDecodes()
    {
        foreach (string file in Suites.Modules())
        {
            WasmModule module = ModuleDecoder.Decode(File.ReadAllBytes(file));
            Instruction instruction = default;
            foreach (FunctionBody body in module.Bodies)
            {
                var reader = new InstructionReader(module, body.Offset, body.Length);
                while (!reader.AtEnd)
                {
                    reader.Read(ref instruction);
                }

                Assert.Equal(Opcode.End, instruction.Opcode);
            }
        }
    }
}
