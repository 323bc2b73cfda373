using Wisp.Wasm.Model;

namespace Wisp.Runtime.Tests.Stacks;

public sealed class StackPoolTests
{
    [Fact]
    public async Task StacksThatNobodyNeedsAreTrimmedAndUsedAgain()
    {
        using var guest = new Guest();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        guest.Linker.DefineFunction(
            "host", "wait", new FunctionType([], []), async (AsyncHostCall _) => await gate.Task.ConfigureAwait(false));
        Function deep = guest.Instantiate("""
            (module (import "host" "wait" (func $wait))
              (func $deep (export "deep") (param i32) (result i32)
                (if (result i32) (local.get 0)
                  (then (i32.add (i32.const 1) (call $deep (i32.sub (local.get 0) (i32.const 1)))))
                  (else (call $wait) (i32.const 0)))))
            """).GetFunction("deep")!;
        for (int round = 0; round < 2; round++)
        {
            gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Task<Value[]>[] calls = [.. Enumerable.Range(0, 50).Select(i => deep.InvokeAsync(new Value[] { 5000 + i }).AsTask())];
            gate.SetResult();
            for (int i = 0; i < calls.Length; i++)
            {
                Assert.Equal(5000 + i, (await calls[i])[0].AsInt32());
            }

            guest.Engine.Stacks.Trim();
            Assert.False(guest.Engine.Stacks.Trim());
        }
    }
}
