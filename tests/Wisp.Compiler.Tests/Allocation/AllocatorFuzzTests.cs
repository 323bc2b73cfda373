using Wisp.Compiler.Allocation;
using Wisp.Compiler.Machine;
using Wisp.Compiler.Tests.Machine;

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

    [Fact]
    public void BundleAllocatorIsRightOnRandomFunctions() => Fuzz(new BundleAllocator());

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
                if (Environment.GetEnvironmentVariable("WISP_FUZZ_DUMP") is { } file)
                {
                    bool complete = allocation.Locations.Count == function.Operands.Count;
                    File.WriteAllText(file, MachinePrinter.Print(function, new AnyOpNames(), complete ? allocation : null));
                }

                throw new InvalidOperationException($"seed {seed}: {e.Message}", e);
            }
        }
    }
}
