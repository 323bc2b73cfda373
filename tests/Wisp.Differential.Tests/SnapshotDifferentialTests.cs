using Wisp.Wasm.Model;

namespace Wisp.Differential.Tests;

/// <summary>A random module that waits in any of its host calls, is kept in an image and goes on in another engine, does what it does when it
/// is left alone: host calls, traps, memory.</summary>
/// <remarks>WISP_DIFFERENTIAL_FIRST and WISP_DIFFERENTIAL_COUNT choose the seeds; a difference names its seed.</remarks>
public sealed class SnapshotDifferentialTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GuestsGoOnFromAnImageAsIfTheyHadNeverStopped()
    {
        if (!GeneratedModules.IsAvailable)
        {
            Assert.Skip("wasm-opt is not on the PATH (Debian: apt-get install binaryen)");
        }

        int first = DifferentialTests.FromEnvironment("WISP_DIFFERENTIAL_FIRST", 1);
        int count = DifferentialTests.FromEnvironment("WISP_DIFFERENTIAL_COUNT", 60);
        var differences = new List<string>();
        int compared = 0;
        for (int seed = first; seed < first + count; seed++)
        {
            if (GeneratedModules.Make(seed) is byte[] wasm && await ComparedAsync(seed, wasm, differences))
            {
                compared++;
            }
        }

        Assert.True(differences.Count == 0, string.Join('\n', differences));
        Assert.True(compared > count / 4, $"only {compared} of {count} seeds made a module that calls its host");
    }

    private static async Task<bool> ComparedAsync(int seed, byte[] wasm, List<string> differences)
    {
        byte[] code;
        var options = new EngineOptions { MemoryBounds = seed % 4 == 0 ? MemoryBounds.Explicit : MemoryBounds.Guarded };
        using (var engine = new Engine(options))
        using (var module = Module.Compile(engine, wasm))
        {
            code = module.ToImage();
        }

        using var alone = new Run(options, code, holdAt: -1);
        if (!alone.CanStart)
        {
            return false;
        }

        await alone.RunAsync(0);
        if (alone.Calls == 0)
        {
            return false;
        }

        int holdAt = new Random(seed).Next(alone.Calls);
        using var one = new Run(options, code, holdAt);
        using var two = new Run(options, code, holdAt);
        Task[] held = [one.RunUntilHeldAsync(), two.RunUntilHeldAsync()];
        await Task.WhenAll(held);
        try
        {
            using var next = new Run(options, one.Instance!.ToImage(two.Instance!), holdAt: -1);
            await next.ContinueAsync(one.Export);
            string[] expected = [.. alone.Seen.Lines.Skip(alone.LineOfCall(holdAt))];
            string? difference = expected.SequenceEqual(next.Seen.Lines) ? null
                : $"expected {string.Join(" | ", expected.Take(12))}, got {string.Join(" | ", next.Seen.Lines.Take(12))}";
            if (difference is not null)
            {
                differences.Add($"seed {seed} ({wasm.Length} bytes), call {holdAt} of {alone.Calls}: {difference}");
            }
        }
        catch (Exception exception) when (exception is SnapshotException or Abi.Images.ImageException)
        {
            differences.Add($"seed {seed} ({wasm.Length} bytes), call {holdAt} of {alone.Calls}: {exception.Message}");
        }

        return true;
    }

    /// <summary>One instance, in an engine of its own, whose exports without parameters and results are called one after the other.</summary>
    private sealed class Run : IDisposable
    {
        private readonly Engine _engine;
        private readonly Module _module;
        private readonly Store _store;
        private readonly string[] _exports;
        private readonly int _holdAt;
        private readonly List<int> _lines = [];
        private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private Task _running = Task.CompletedTask;

        public Run(EngineOptions options, byte[] image, int holdAt)
        {
            _holdAt = holdAt;
            _engine = new Engine(options);
            _module = Module.FromImage(_engine, image);
            _store = new Store(_engine) { TakesSnapshots = true };
            _exports = [.. _module.Exports
                .Where(export => export.Type.Function is { Parameters.Length: 0, Results.Length: 0 }).Select(export => export.Name)];
            var linker = new Linker(_engine);
            foreach (ImportDescription import in _module.Imports)
            {
                if (import.Type.Function is FunctionType type)
                {
                    string name = import.Name;
                    linker.DefineFunction(import.Module, name, type, call => OnCall(call, name, type));
                }
            }

            try
            {
                Instance = linker.Instantiate(_store, _module);
            }
            catch (TrapException)
            {
                // its start function or a segment: there is nothing to call
            }
        }

        public Instance? Instance { get; }

        public bool CanStart => Instance is not null;

        public Observation Seen { get; } = new();

        /// <summary>Host calls so far.</summary>
        public int Calls => _lines.Count;

        /// <summary>Which export runs.</summary>
        public int Export { get; private set; }

        public int LineOfCall(int call) => _lines[call];

        public async Task RunAsync(int first)
        {
            for (Export = first; Export < _exports.Length; Export++)
            {
                await TryAsync(() => Instance!.GetFunction(_exports[Export])!.InvokeAsync(default, Stop).AsTask());
            }

            if (Instance!.GetMemory("memory") is Memory memory)
            {
                Seen.Add(Observation.Hash(memory.Span));
            }
        }

        public async Task RunUntilHeldAsync()
        {
            _running = RunAsync(0);
            await _held.Task;
            while (_store.FindWaiting() is null)
            {
                await Task.Delay(1, Stop);
            }
        }

        public async Task ContinueAsync(int export)
        {
            await TryAsync(() => Instance!.ContinueAsync(Stop).AsTask());
            await RunAsync(export + 1);
        }

        public void Dispose()
        {
            _store.Dispose();
            _running.ContinueWith(static task => _ = task.Exception, TaskScheduler.Default).GetAwaiter().GetResult();
            _module.Dispose();
            _engine.Dispose();
        }

        private async Task TryAsync(Func<Task> run)
        {
            try
            {
                await run();
            }
            catch (TrapException trap)
            {
                Seen.Add("trap " + trap.Kind);
            }

            Seen.Add("end");
        }

        private ValueTask OnCall(AsyncHostCall call, string name, FunctionType type)
        {
            int number = _lines.Count;
            _lines.Add(Seen.Lines.Count);
            Seen.Add(name + string.Concat(type.Parameters.Select((_, i) => $" {call.GetValue(i)}")));
            return number == _holdAt ? HoldAsync(call) : default;
        }

        private async ValueTask HoldAsync(AsyncHostCall call)
        {
            _held.SetResult();
            await Task.Delay(Timeout.Infinite, call.CancellationToken);
        }
    }
}
