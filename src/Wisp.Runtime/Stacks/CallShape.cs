using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Wisp.Abi;
using Wisp.Linking;
using Wisp.Wasm.Model;

namespace Wisp.Stacks;

/// <summary>How a value is kept in a register or slot, whatever its exact type.</summary>
internal enum SlotKind : byte
{
    I32,
    I64,
    F32,
    F64,
    V128,
    Function,
    External,

    /// <summary>A reference that the host cannot look into.</summary>
    Opaque,
}

/// <summary>What may be written to a slot.</summary>
/// <param name="Kind">How it is kept.</param>
/// <param name="IsNullable">For a reference, whether null may be.</param>
/// <param name="TypeId">The canonical id of the function type that a reference must have; negative when any will do.</param>
/// <param name="IsBottom">Whether only null belongs to the type.</param>
internal readonly record struct SlotType(SlotKind Kind, bool IsNullable = false, long TypeId = -1, bool IsBottom = false);

/// <summary>Where the arguments and results of a function type lie, seen from the records of the two stubs.</summary>
internal sealed class CallShape
{
    public CallShape(FunctionType type, TypeSpace space)
    {
        var convention = new CallingConvention(type);
        ArgumentBytes = convention.ArgumentBytes;
        ResultBytes = convention.ResultBytes;
        if (ArgumentBytes + ResultBytes > GuestStack.HeadroomBytes)
        {
            throw new LinkException($"a function has {ArgumentBytes + ResultBytes} bytes of arguments and results in memory");
        }

        Parameters = Array.ConvertAll(type.Parameters, space.SlotOf);
        Results = Array.ConvertAll(type.Results, space.SlotOf);
        HasVectors = Array.Exists(Parameters, IsVector) || Array.Exists(Results, IsVector);
        EntryArguments = Place(
            convention.Arguments, CallingConvention.IntegerArguments, Execution.IntegersAt, Execution.VectorsAt,
            -ResultBytes - ArgumentBytes);
        EntryResults = Place(
            convention.Results, CallingConvention.IntegerResults, Execution.IntegersAt, Execution.VectorsAt, -ResultBytes);
        HostArguments = Place(
            convention.Arguments, CallingConvention.IntegerArguments, HostBlock.IntegerArgumentsAt,
            HostBlock.VectorArgumentsAt, HostBlock.MemoryArgumentsAt);
        HostResults = Place(
            convention.Results, CallingConvention.IntegerResults, HostBlock.IntegerResultsAt, HostBlock.VectorResultsAt,
            HostBlock.MemoryArgumentsAt + ArgumentBytes);
    }

    public SlotType[] Parameters { get; }

    public SlotType[] Results { get; }

    /// <summary>Offsets from the Execution.</summary>
    public int[] EntryArguments { get; }

    /// <summary>Offsets from the Execution.</summary>
    public int[] EntryResults { get; }

    /// <summary>Offsets from the HostBlock.</summary>
    public int[] HostArguments { get; }

    /// <summary>Offsets from the HostBlock.</summary>
    public int[] HostResults { get; }

    /// <summary>Whether any argument or result is a float or a vector.</summary>
    public bool HasVectors { get; }

    public int ArgumentBytes { get; }

    public int ResultBytes { get; }

    /// <summary>Refuses a .NET type that does not stand for the type of a slot.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Expect<T>(SlotType[] slots, int index)
    {
        if (slots[index].Kind != Slots.KindOf<T>())
        {
            ThrowMismatch(slots[index].Kind, typeof(T));
        }
    }

    private static bool IsVector(SlotType slot) => slot.Kind is SlotKind.F32 or SlotKind.F64 or SlotKind.V128;

    [DoesNotReturn]
    private static void ThrowMismatch(SlotKind kind, Type type) =>
        throw new InvalidOperationException($"type mismatch: the function has {kind} where {type} was used");

    private static int[] Place(ValueLocation[] locations, MachineRegister[] integers, int integersAt, int vectorsAt, int memoryAt)
    {
        int[] offsets = new int[locations.Length];
        for (int i = 0; i < offsets.Length; i++)
        {
            offsets[i] = locations[i].Register switch
            {
                null => memoryAt + locations[i].Offset,
                >= MachineRegister.Xmm0 and MachineRegister vector => vectorsAt + (16 * (vector - MachineRegister.Xmm0)),
                MachineRegister integer => integersAt + (8 * Array.IndexOf(integers, integer)),
            };
        }

        return offsets;
    }
}
