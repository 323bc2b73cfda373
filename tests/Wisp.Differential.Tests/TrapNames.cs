using Wasmtime;

namespace Wisp.Differential.Tests;

/// <summary>One name per trap, whichever engine reports it.</summary>
internal static class TrapNames
{
    public static string Of(TrapKind kind) => kind.ToString();

    public static string Of(TrapCode code) => code switch
    {
        TrapCode.Unreachable => nameof(TrapKind.Unreachable),
        TrapCode.MemoryOutOfBounds => nameof(TrapKind.MemoryOutOfBounds),
        TrapCode.TableOutOfBounds => nameof(TrapKind.TableOutOfBounds),
        TrapCode.IndirectCallToNull => nameof(TrapKind.IndirectCallToNull),
        TrapCode.BadSignature => nameof(TrapKind.BadSignature),
        TrapCode.IntegerDivisionByZero => nameof(TrapKind.IntegerDivideByZero),
        TrapCode.IntegerOverflow => nameof(TrapKind.IntegerOverflow),
        TrapCode.BadConversionToInteger => nameof(TrapKind.BadConversionToInteger),
        TrapCode.StackOverflow => nameof(TrapKind.StackOverflow),
        _ => code.ToString(),
    };
}
