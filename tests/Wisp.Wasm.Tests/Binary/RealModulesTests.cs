using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;
using Wisp.Wasm.Validation;

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

    [Fact]
    public void EveryModuleOfTheSuitesValidatesWithOneThreadAndWithMany()
    {
        foreach (string file in Suites.Modules())
        {
            WasmModule module = ModuleDecoder.Decode(File.ReadAllBytes(file));
            ModuleFacts facts = ModuleValidator.Validate(module);
            Assert.Equal(module.Bodies.Length, facts.Functions.Length);
            ModuleFacts again = ModuleValidator.Validate(module, 1);
            Assert.Equal(facts.EscapingFunctions, again.EscapingFunctions);
            for (int i = 0; i < facts.Functions.Length; i++)
            {
                Assert.Equal(facts.Functions[i].InstructionCount, again.Functions[i].InstructionCount);
                Assert.Equal(facts.Functions[i].MaxOperandDepth, again.Functions[i].MaxOperandDepth);
                for (int loop = 0; loop < facts.Functions[i].LoopCount; loop++)
                {
                    Assert.Equal(facts.Functions[i].LocalsWrittenInLoop(loop), again.Functions[i].LocalsWrittenInLoop(loop));
                    Assert.False(facts.Functions[i].WritesAllLocals(loop));
                }
            }
        }
    }
}
