namespace Wisp.Bench.Engines;

/// <summary>How Wasmtime gets an instance's memory and tables.</summary>
internal enum WasmtimeAllocation
{
    /// <summary>Mapped and unmapped for each instance, its default.</summary>
    OnDemand,

    /// <summary>From its pooling allocator.</summary>
    Pooled,
}

/// <summary>Wasmtime through its C interface, for instances alone: prepared imports, copy-on-write memory images.</summary>
internal sealed unsafe class WasmtimeStarter : IDisposable
{
    private const int MemoryBytes = 64 << 20;

    private readonly nint _engine;

    /// <param name="allocation">Where instances get their memory.</param>
    /// <param name="instances">How many the pool holds.</param>
    /// <param name="residentBytes">How much of a memory and of a table the pool clears by itself instead of giving the pages back.</param>
    public WasmtimeStarter(WasmtimeAllocation allocation, int instances = 1000, int residentBytes = 64 << 10)
    {
        nint config = WasmtimeApi.NewConfig();
        WasmtimeApi.SetMemoryInitCow(config, isOn: true);
        if (allocation == WasmtimeAllocation.Pooled)
        {
            nint pool = WasmtimeApi.NewPoolConfig();
            WasmtimeApi.SetPoolInstances(pool, (uint)instances);
            WasmtimeApi.SetPoolMemories(pool, (uint)instances);
            WasmtimeApi.SetPoolTables(pool, (uint)instances);
            WasmtimeApi.SetPoolMemoryBytes(pool, MemoryBytes);
            WasmtimeApi.SetPoolResidentMemory(pool, (nuint)residentBytes);
            WasmtimeApi.SetPoolResidentTable(pool, (nuint)residentBytes);
            WasmtimeApi.SetPooling(config, pool);
            WasmtimeApi.DeletePoolConfig(pool);
        }

        _engine = WasmtimeApi.NewEngine(config);
    }

    public WasmtimeStartable Compile(ReadOnlySpan<byte> wasm)
    {
        fixed (byte* bytes = wasm)
        {
            WasmtimeApi.Check(WasmtimeApi.NewModule(_engine, bytes, (nuint)wasm.Length, out nint module));
            return new WasmtimeStartable(_engine, module);
        }
    }

    public byte[] Serialize(ReadOnlySpan<byte> wasm)
    {
        fixed (byte* bytes = wasm)
        {
            WasmtimeApi.Check(WasmtimeApi.NewModule(_engine, bytes, (nuint)wasm.Length, out nint module));
            WasmtimeApi.Check(WasmtimeApi.Serialize(module, out WasmtimeApi.ByteVector serialized));
            byte[] copy = new Span<byte>(serialized.Data, (int)serialized.Size).ToArray();
            WasmtimeApi.DeleteBytes(ref serialized);
            WasmtimeApi.DeleteModule(module);
            return copy;
        }
    }

    public WasmtimeStartable Load(string path)
    {
        WasmtimeApi.Check(WasmtimeApi.DeserializeFile(_engine, path, out nint module));
        return new WasmtimeStartable(_engine, module, withWasi: false);
    }

    public void Dispose() => WasmtimeApi.DeleteEngine(_engine);
}

/// <summary>Instances of Wasmtime: imports bound once, one store for each.</summary>
internal sealed unsafe class WasmtimeStartable : IStartable
{
    private readonly nint _engine;
    private readonly nint _module;
    private readonly nint _prepared;

    public WasmtimeStartable(nint engine, nint module, bool withWasi = true)
    {
        _engine = engine;
        _module = module;
        nint linker = WasmtimeApi.NewLinker(engine);
        if (withWasi)
        {
            WasmtimeApi.Check(WasmtimeApi.DefineWasi(linker));
        }

        WasmtimeApi.Check(WasmtimeApi.Prepare(linker, module, out _prepared));
        WasmtimeApi.DeleteLinker(linker);
    }

    /// <summary>A module whose imports are bound already.</summary>
    public WasmtimeStartable(nint engine, nint module, nint prepared)
    {
        _engine = engine;
        _module = module;
        _prepared = prepared;
    }

    public void StartAndDrop(bool calls)
    {
        nint store = Start(out WasmtimeApi.InstanceHandle instance);
        if (calls)
        {
            Call(store, instance, "touch"u8);
        }

        WasmtimeApi.DeleteStore(store);
    }

    /// <summary>An instance that lives until its store is deleted.</summary>
    public nint Start(out WasmtimeApi.InstanceHandle instance)
    {
        nint store = WasmtimeApi.NewStore(_engine, 0, 0);
        nint trap = 0;
        fixed (WasmtimeApi.InstanceHandle* handle = &instance)
        {
            WasmtimeApi.Check(WasmtimeApi.Instantiate(_prepared, WasmtimeApi.ContextOf(store), handle, &trap));
        }

        return trap == 0 ? store : throw new InvalidOperationException("instantiation trapped");
    }

    /// <summary>The same, for a module with asynchronous imports.</summary>
    public nint StartAsync(out WasmtimeApi.InstanceHandle instance)
    {
        nint store = WasmtimeApi.NewStore(_engine, 0, 0);
        nint trap = 0;
        nint error = 0;
        fixed (WasmtimeApi.InstanceHandle* handle = &instance)
        {
            nint future = WasmtimeApi.InstantiateAsync(_prepared, WasmtimeApi.ContextOf(store), handle, &trap, &error);
            Finish(future);
        }

        WasmtimeApi.Check(error);
        return trap == 0 ? store : throw new InvalidOperationException("instantiation trapped");
    }

    /// <summary>Calls an export without arguments and results that may call asynchronous host functions.</summary>
    public static void CallAsync(nint store, WasmtimeApi.InstanceHandle instance, ReadOnlySpan<byte> name)
    {
        nint context = WasmtimeApi.ContextOf(store);
        WasmtimeApi.ExternHandle item = Find(context, instance, name);
        nint trap = 0;
        nint error = 0;
        Finish(WasmtimeApi.CallAsync(context, &item.Function, 0, 0, 0, 0, &trap, &error));
        WasmtimeApi.Check(error);
        if (trap != 0)
        {
            throw new InvalidOperationException("the call trapped");
        }
    }

    private static void Finish(nint future)
    {
        while (!WasmtimeApi.Poll(future))
        {
        }

        WasmtimeApi.DeleteFuture(future);
    }

    private static WasmtimeApi.ExternHandle Find(nint context, WasmtimeApi.InstanceHandle instance, ReadOnlySpan<byte> name)
    {
        WasmtimeApi.ExternHandle item;
        fixed (byte* characters = name)
        {
            return WasmtimeApi.GetExport(context, &instance, characters, (nuint)name.Length, &item)
                ? item
                : throw new InvalidOperationException("the export is missing");
        }
    }

    /// <summary>Calls an export without arguments; its result, or zero.</summary>
    public static long Call(nint store, WasmtimeApi.InstanceHandle instance, ReadOnlySpan<byte> name)
    {
        nint context = WasmtimeApi.ContextOf(store);
        WasmtimeApi.ExternHandle item = Find(context, instance, name);
        nint trap = 0;
        byte* value = stackalloc byte[16];
        new Span<byte>(value, 16).Clear();

        WasmtimeApi.Check(WasmtimeApi.Call(context, &item.Function, value, 1, &trap));
        return trap == 0 ? *(long*)value : throw new InvalidOperationException("the call trapped");
    }

    public void Dispose()
    {
        WasmtimeApi.DeletePrepared(_prepared);
        WasmtimeApi.DeleteModule(_module);
    }
}
