using Wasmtime;

namespace Wisp.Differential.Tests;

/// <summary>One name per trap, whichever engine reports it.</summary>
internal static class TrapNames
{
    // A call outside the table: the specification's suite calls it an undefined element, Wasmtime an access outside the table.
    public static string Of(TrapKind kind) => kind == TrapKind.UndefinedElement ? nameof(TrapKind.TableOutOfBounds) : kind.ToString();

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
