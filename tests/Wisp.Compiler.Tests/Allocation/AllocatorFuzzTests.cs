using Wisp.Compiler.Allocation;
using Wisp.Compiler.Machine;

namespace Wisp.Compiler.Tests.Allocation;

/// <summary>Random functions through each allocator, proved by the checker. WISP_FUZZ_COUNT runs more than the smoke test.</summary>
public sealed class AllocatorFuzzTests
{
    private static readonly int Count =
        int.TryParse(Environment.GetEnvironmentVariable("WISP_FUZZ_COUNT"), out int count) ? count : 400;

    [Fact]
    public void RandomFunctionsObeyTheInvariants()
    {
        for (int seed = 0; seed < Count; seed++)
        {
            MachineVerifier.Verify(RandomMachineFunction.Make(seed));
        }
    }

    [Fact]
    public void FastAllocatorIsRightOnRandomFunctions() => Fuzz(new FastAllocator());

    private static void Fuzz(IRegisterAllocator allocator)
    {
        var allocation = new Compiler.Allocation.Allocation();
        for (int seed = 0; seed < Count; seed++)
        {
            MachineFunction function = RandomMachineFunction.Make(seed);
            try
            {
                allocator.Allocate(function, allocation);
                AllocationChecker.Check(function, allocation);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"seed {seed}: {e.Message}", e);
            }
        }
    }
}
