using Wisp.Compiler.Machine;

namespace Wisp.Compiler.Allocation;

// Backtracking over live-range bundles, after regalloc2's "ion" allocator. docs/engine/allocation.md tells the whole story;
// the records are in BundleData.cs.
//
// 1. Ranges of one bundle never overlap. Ranges of one value in different bundles overlap only where one of them is in the
//    value's spill bundle: a value in SSA form may be in a register and in its slot at once.
// 2. Fixed operands constrain nothing. The register is reserved at the instruction, and the value is copied there just before
//    (or from there just behind); as a hint, the value's bundle tries that register first, and then the copy vanishes.
// 3. A range starts and ends between instructions (even points), but for definitions (late: odd) and last reads (odd).
// 4. All copies at one even point happen at once; they read what places held at the end of the instruction before.
// 5. A bundle evicts only strictly lighter ones, a split makes strictly smaller ones, and a bundle within one instruction
//    weighs more than any other: so it ends.

/// <summary>The optimizing allocator: splits live ranges, evicts, spills, rematerializes constants.</summary>
/// <remarks>Deterministic. Reuses its arrays; not thread safe. Work is bounded, see <see cref="TryAllocate"/>.</remarks>
internal sealed partial class BundleAllocator : IRegisterAllocator, IMoveScratch
{
    private const int None = -1;
    private const sbyte NoRegister = -1;
    private const int RegisterCount = 32;
    private const uint VectorRegisters = 0xFFFF0000;
    private const long MaxLivenessWords = 1 << 22;

    // A value costs work in each block that it is live through.
    private const long MaxLiveIn = 1 << 21;
    private const long LiveInEach = 64;
    private const int RangesMovedAStep = 16;

    private readonly Liveness _liveness = new();
    private readonly RegisterReservations _reservations = new();
    private readonly BundleQueue _queue = new();
    private readonly ParallelMoves _parallelMoves = new();
    private readonly RedundantMoves _redundantMoves = new();
    private readonly RegisterOccupancy[] _occupancy = new RegisterOccupancy[RegisterCount];
    private readonly GrowableArray<LiveRange> _ranges = new();
    private readonly GrowableArray<LiveBundle> _bundles = new();
    private readonly GrowableArray<SpillSet> _spillSets = new();

    private MachineFunction _function = null!;
    private Allocation _allocation = null!;
    private long _work;
    private long _budget;

    public BundleAllocator()
    {
        for (int i = 0; i < RegisterCount; i++)
        {
            _occupancy[i] = new RegisterOccupancy();
        }
    }

    /// <inheritdoc/>
    /// <exception cref="AllocationException">The budget is exceeded; <see cref="TryAllocate"/> says so without an exception.</exception>
    public void Allocate(MachineFunction function, Allocation allocation)
    {
        if (!TryAllocate(function, allocation))
        {
            throw new AllocationException($"function {function.Function.Index} is too large for the bundle allocator");
        }
    }

    /// <summary>Allocates within a budget of work in proportion to the function's size.</summary>
    /// <returns>False, with no result, if the budget was exceeded: use the <see cref="FastAllocator"/>.</returns>
    public bool TryAllocate(MachineFunction function, Allocation allocation)
    {
        _function = function;
        _allocation = allocation;
        allocation.Reset();
        Reset();
        if (!_liveness.TryCompute(function, MaxLivenessWords, MaxLiveIn + (LiveInEach * (long)function.Insts.Count)))
        {
            return false;
        }

        BuildRanges();
        MergeBundles();
        QueueBundles();
        if (!AssignRegisters())
        {
            return false;
        }

        PlaceSpilled();
        WriteLocations();
        WriteMoves();
        _redundantMoves.Remove(function, allocation);
        return true;
    }

    /// <summary>Steps that the last function took, one for each record or place looked at.</summary>
    internal long Work
    {
        get
        {
            long moved = 0;
            foreach (RegisterOccupancy occupancy in _occupancy)
            {
                moved += occupancy.Moved;
            }

            return _work + _reservations.Work + _liveness.LiveInCount + _redundantMoves.Work + (moved / RangesMovedAStep);
        }
    }

    private void Reset()
    {
        _reservations.Clear();
        _queue.Clear();
        _ranges.Clear();
        _bundles.Clear();
        _spillSets.Clear();
        foreach (RegisterOccupancy occupancy in _occupancy)
        {
            occupancy.Clear();
        }

        _work = 0;
    }

    private uint RegistersOf(RegisterClass registerClass) => _function.AllocatableRegisters
        & (registerClass == RegisterClass.Integer ? ~VectorRegisters : VectorRegisters);
}
