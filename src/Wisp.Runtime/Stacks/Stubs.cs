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

    /// <summary>The same as <see cref="EnterIntegers"/>, with no register of the host left for the guest to see.</summary>
    public static readonly delegate* unmanaged[Cdecl]<Execution*, int> EnterClean =
        (delegate* unmanaged[Cdecl]<Execution*, int>)(Start + Code.EnterClean);

    /// <summary>Goes on with a pending guest. Returns a GuestStatus.</summary>
    public static readonly delegate* unmanaged[Cdecl]<Execution*, int> Resume =
        (delegate* unmanaged[Cdecl]<Execution*, int>)(Start + Code.Resume);

    public static readonly nint EntryReturn = Start + Code.EntryReturn;
    public static readonly nint CleanEntryReturn = Start + Code.CleanEntryReturn;
    public static readonly nint HostCall = Start + Code.HostCall;
    public static readonly nint HostCallAgain = Start + Code.HostCallAgain;
    public static readonly nint BuiltinCall = Start + Code.BuiltinCall;
    public static readonly nint Interrupt = Start + Code.Interrupt;
    public static readonly nint EnterContext = Start + Code.EnterContext;
    public static readonly nint LeaveContext = Start + Code.LeaveContext;
    public static readonly nint Copy = Start + Code.Copy;
    public static readonly nint Fill = Start + Code.Fill;

    /// <summary>Whether an address is one of the stubs'.</summary>
    public static bool Contains(nint address) => address >= Start && address <= Start + Code.Bytes.Length;

    private static nint Map(byte[] code)
    {
        nint start = CodeMapping.Map(code);
        SignalHandlers.Install(start + Code.SignalHandler);
        return start;
    }
}
