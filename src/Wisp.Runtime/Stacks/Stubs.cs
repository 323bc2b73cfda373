using Wisp.Platform.Linux;
using Wisp.Traps;

namespace Wisp.Stacks;

/// <summary>The stubs of this process: emitted, mapped and, with the signal handler, installed when first used.</summary>
internal static unsafe class Stubs
{
    private static readonly StubCode Code = StubWriter.Write(CodeRanges.Head, SignalHandlers.PreviousTable, StubOptions.Detect());
    private static readonly nint Start = Map(Code.Bytes);

    /// <summary>Enters a guest function as its Execution says. Returns a GuestStatus.</summary>
    public static readonly delegate* unmanaged[Cdecl]<Execution*, int> Enter =
        (delegate* unmanaged[Cdecl]<Execution*, int>)(Start + Code.Enter);

    /// <summary>The same for functions whose arguments and results are integers and references.</summary>
    public static readonly delegate* unmanaged[Cdecl]<Execution*, int> EnterIntegers =
        (delegate* unmanaged[Cdecl]<Execution*, int>)(Start + Code.EnterIntegers);

    /// <summary>Goes on with a pending guest. Returns a GuestStatus.</summary>
    public static readonly delegate* unmanaged[Cdecl]<Execution*, int> Resume =
        (delegate* unmanaged[Cdecl]<Execution*, int>)(Start + Code.Resume);

    public static readonly nint HostCall = Start + Code.HostCall;
    public static readonly nint BuiltinCall = Start + Code.BuiltinCall;
    public static readonly nint Interrupt = Start + Code.Interrupt;
    public static readonly nint EnterContext = Start + Code.EnterContext;
    public static readonly nint LeaveContext = Start + Code.LeaveContext;
    public static readonly nint Copy = Start + Code.Copy;
    public static readonly nint Fill = Start + Code.Fill;

    private static nint Map(byte[] code)
    {
        nint start = CodeMapping.Map(code);
        SignalHandlers.Install(start + Code.SignalHandler);
        return start;
    }
}
