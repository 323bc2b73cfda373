using Wisp.Wasi;

namespace Wisp.Bench.Engines;

/// <summary>Instances of Wisp: one linker for all, one store for each.</summary>
internal sealed class WispStartable : IStartable
{
    private readonly Wisp.Module _module;
    private readonly Wisp.Linker _linker;

    public WispStartable(Wisp.Engine engine, Wisp.Module module)
    {
        _module = module;
        _linker = new Wisp.Linker(engine);
        WasiPreview1.Define(_linker, static store => (WasiContext)store.Data!);
    }

    public void StartAndDrop(bool calls)
    {
        using var store = new Wisp.Store(_linker.Engine);
        Wisp.Instance instance = _linker.Instantiate(store, _module);
        if (calls)
        {
            instance.GetFunction<Wisp.Unit>("touch").Invoke();
        }
    }

    /// <summary>An instance that lives on.</summary>
    public Wisp.Instance Start() => _linker.Instantiate(new Wisp.Store(_linker.Engine), _module);

    public void Dispose() => _module.Dispose();
}
