using Iced.Intel;
using Wisp.Abi;
using Wisp.Compiler;
using Wisp.Compiler.Emission;
using Wisp.Compiler.Images;
using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;
using Wisp.Wasm.Text;
using Wisp.Wasm.Validation;
using static Iced.Intel.AssemblerRegisters;

namespace Wisp.Runtime.Tests;

/// <summary>
/// Modules whose types, imports and exports come from text and whose code is written by hand, so that the runtime is tested without
/// the compiler. Bodies in the text only have to validate.
/// </summary>
internal static class HandMadeModule
{
    public static Module Make(Engine engine, string wat, params Action<HandMadeFunction>[] functions)
    {
        WasmModule module = ModuleDecoder.Decode(WatParser.ParseModule(wat, "test"));
        var layout = new VmLayout(module, ModuleValidator.Validate(module).EscapingFunctions);
        CodeBlob[] blobs = Array.ConvertAll(functions, write =>
        {
            var function = new HandMadeFunction(layout);
            write(function);
            return function.ToBlob();
        });
        var compiled = new CompiledModule
        {
            Module = module,
            Layout = layout,
            Functions = blobs,
            Options = new CodeOptions(CpuFeatures.None, engine.Bounds),
        };
        return Module.FromImage(engine, CodeImageWriter.Write(compiled));
    }
}

/// <summary>One function, with the sequences that the calling convention prescribes.</summary>
internal sealed class HandMadeFunction(VmLayout layout)
{
    private readonly List<(Label At, TrapCode Code)> _traps = [];

    public Assembler Asm { get; } = new(64);

    public VmLayout Layout => layout;

    public void Enter()
    {
        Asm.push(rbp);
        Asm.mov(rbp, rsp);
        Asm.push(r15);
        Asm.push(__qword_ptr[r15 + VmLayout.Execution]);
    }

    public void Leave(int popBytes = 0)
    {
        Asm.mov(rsp, rbp);
        Asm.pop(rbp);
        if (popBytes == 0)
        {
            Asm.ret();
        }
        else
        {
            Asm.ret((ushort)popBytes);
        }
    }

    /// <summary>Calls an import, arguments in place already.</summary>
    public void CallImport(int function)
    {
        Asm.mov(r10, __qword_ptr[r15 + layout.ImportedFunction(new FuncIndex(function))]);
        Asm.call(__qword_ptr[r15 + VmLayout.EnterContextStub]);
        Asm.call(r11);
        Asm.mov(r15, __qword_ptr[rbp - 8]);
        Asm.call(__qword_ptr[r15 + VmLayout.LeaveContextStub]);
    }

    /// <summary>The stack check. The cold side is in line: nobody measures it here.</summary>
    public void Check()
    {
        Label again = Asm.CreateLabel();
        Label good = Asm.CreateLabel();
        Asm.Label(ref again);
        Asm.cmp(rsp, __qword_ptr[r15 + VmLayout.StackLimit]);
        Asm.jae(good);
        Asm.call(__qword_ptr[r15 + VmLayout.InterruptStub]);
        Asm.jmp(again);
        Asm.Label(ref good);
        Asm.nop();
    }

    public void Trap(TrapCode code)
    {
        MayTrap(code);
        Asm.ud2();
    }

    /// <summary>Says that the next instruction may fault.</summary>
    public void MayTrap(TrapCode code)
    {
        Label at = Asm.CreateLabel();
        Asm.Label(ref at);
        _traps.Add((at, code));
    }

    public CodeBlob ToBlob()
    {
        var stream = new MemoryStream();
        AssemblerResult result = Asm.Assemble(
            new StreamCodeWriter(stream), 0, BlockEncoderOptions.ReturnNewInstructionOffsets);
        TrapSite[] traps = [.. _traps.Select(t => new TrapSite((int)result.GetLabelRIP(t.At), (byte)t.Code, 100)).OrderBy(t => t.CodeOffset)];
        return new CodeBlob { Code = stream.ToArray(), Relocations = [], Traps = traps, Calls = [], FrameBytes = 64 };
    }
}
