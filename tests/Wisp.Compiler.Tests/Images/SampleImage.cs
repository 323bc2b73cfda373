using Wisp.Abi;
using Wisp.Compiler.Emission;
using Wisp.Compiler.Images;
using Wisp.Wasm.Model;

namespace Wisp.Compiler.Tests.Images;

/// <summary>A module of one import and three functions, put together by hand: images do not care what the code does.</summary>
internal static class SampleImage
{
    // (module (func (import "m" "f")) (func) (func) (func) with a code section of three empty bodies and a custom section "x")
    public static readonly byte[] Module =
    [
        0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00,
        0x01, 0x04, 0x01, 0x60, 0x00, 0x00,
        0x02, 0x07, 0x01, 0x01, 0x6d, 0x01, 0x66, 0x00, 0x00,
        0x03, 0x04, 0x03, 0x00, 0x00, 0x00,
        0x0a, 0x0a, 0x03, 0x02, 0x00, 0x0b, 0x02, 0x00, 0x0b, 0x02, 0x00, 0x0b,
        0x00, 0x03, 0x01, 0x78, 0x2a,
    ];

    public static CompiledModule Compiled()
    {
        var module = new WasmModule
        {
            Bytes = Module,
            Types = [new DefinedType(new FunctionType([], []), null, true, 0, 1)],
            Imports = [new Import("m", "f", ExternKind.Function, 0)],
            Functions = [new TypeIndex(0), new TypeIndex(0), new TypeIndex(0), new TypeIndex(0)],
            ImportedFunctionCount = 1,
        };
        return new CompiledModule
        {
            Module = module,
            Layout = new VmLayout(module, [new FuncIndex(1), new FuncIndex(3)]),
            Options = new CodeOptions(CpuFeatures.Bmi1 | CpuFeatures.Avx | CpuFeatures.PaddedJumps, BoundsMode.Explicit),
            Functions =
            [
                new CodeBlob
                {
                    Code = [0xe8, 0, 0, 0, 0, 0xe8, 0, 0, 0, 0, 0xc3],
                    Relocations = [new CodeRelocation(1, 3), new CodeRelocation(6, 1)],
                    Traps = [],
                    Calls = [new CallSite(5, 31), new CallSite(10, 33)],
                    FrameBytes = 16,
                },
                new CodeBlob
                {
                    Code = [0x0f, 0x0b, 0x90, 0x0f, 0x0b],
                    Relocations = [],
                    Traps = [new TrapSite(0, (byte)TrapCode.Unreachable, 34), new TrapSite(3, (byte)TrapCode.IntegerOverflow, 35)],
                    Calls = [],
                    FrameBytes = 8,
                },
                new CodeBlob
                {
                    Code = [.. Enumerable.Repeat((byte)0x90, 40), 0xe8, 0, 0, 0, 0],
                    Relocations = [new CodeRelocation(41, 2)],
                    Traps = [new TrapSite(7, (byte)TrapCode.MemoryOutOfBounds, 37)],
                    Calls = [new CallSite(45, 38)],
                    FrameBytes = 4096,
                    Alignment = 64,
                },
            ],
        };
    }

    public static byte[] Bytes() => CodeImageWriter.Write(Compiled());
}
