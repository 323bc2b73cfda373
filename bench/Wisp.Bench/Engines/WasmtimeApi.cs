using System.Runtime.InteropServices;

namespace Wisp.Bench.Engines;

// https://docs.wasmtime.dev/c-api/: what the NuGet package's classes do not offer (the pooling allocator's settings, prepared instances)
// or wrap in objects that would be measured with it. Errors and traps are pointers, zero when there is none.

/// <summary>Wasmtime's C interface, as far as the tables need it.</summary>
internal static unsafe partial class WasmtimeApi
{
    private const string Library = "wasmtime";

    /// <summary>wasmtime_instance_t.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct InstanceHandle
    {
        public ulong Store;
        public nuint Index;
    }

    /// <summary>wasmtime_extern_t, or more: a kind, then a union.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 64)]
    public struct ExternHandle
    {
        [FieldOffset(0)]
        public byte Kind;

        [FieldOffset(8)]
        public FunctionHandle Function;
    }

    /// <summary>wasmtime_func_t.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct FunctionHandle
    {
        public ulong Store;
        public nint Private;
    }

    /// <summary>wasm_byte_vec_t.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ByteVector
    {
        public nuint Size;
        public byte* Data;
    }

    [LibraryImport(Library, EntryPoint = "wasm_config_new")]
    public static partial nint NewConfig();

    [LibraryImport(Library, EntryPoint = "wasm_engine_new_with_config")]
    public static partial nint NewEngine(nint config);

    [LibraryImport(Library, EntryPoint = "wasm_engine_delete")]
    public static partial void DeleteEngine(nint engine);

    [LibraryImport(Library, EntryPoint = "wasmtime_config_memory_init_cow_set")]
    public static partial void SetMemoryInitCow(nint config, [MarshalAs(UnmanagedType.U1)] bool isOn);

    [LibraryImport(Library, EntryPoint = "wasmtime_pooling_allocation_config_new")]
    public static partial nint NewPoolConfig();

    [LibraryImport(Library, EntryPoint = "wasmtime_pooling_allocation_config_delete")]
    public static partial void DeletePoolConfig(nint pool);

    [LibraryImport(Library, EntryPoint = "wasmtime_pooling_allocation_config_total_core_instances_set")]
    public static partial void SetPoolInstances(nint pool, uint count);

    [LibraryImport(Library, EntryPoint = "wasmtime_pooling_allocation_config_total_memories_set")]
    public static partial void SetPoolMemories(nint pool, uint count);

    [LibraryImport(Library, EntryPoint = "wasmtime_pooling_allocation_config_total_tables_set")]
    public static partial void SetPoolTables(nint pool, uint count);

    [LibraryImport(Library, EntryPoint = "wasmtime_pooling_allocation_config_max_memory_size_set")]
    public static partial void SetPoolMemoryBytes(nint pool, nuint bytes);

    [LibraryImport(Library, EntryPoint = "wasmtime_pooling_allocation_config_linear_memory_keep_resident_set")]
    public static partial void SetPoolResidentMemory(nint pool, nuint bytes);

    [LibraryImport(Library, EntryPoint = "wasmtime_pooling_allocation_config_table_keep_resident_set")]
    public static partial void SetPoolResidentTable(nint pool, nuint bytes);

    [LibraryImport(Library, EntryPoint = "wasmtime_pooling_allocation_config_decommit_batch_size_set")]
    public static partial void SetPoolBatch(nint pool, nuint count);

    [LibraryImport(Library, EntryPoint = "wasmtime_pooling_allocation_strategy_set")]
    public static partial void SetPooling(nint config, nint pool);

    [LibraryImport(Library, EntryPoint = "wasmtime_module_new")]
    public static partial nint NewModule(nint engine, byte* wasm, nuint bytes, out nint module);

    [LibraryImport(Library, EntryPoint = "wasmtime_module_serialize")]
    public static partial nint Serialize(nint module, out ByteVector bytes);

    [LibraryImport(Library, EntryPoint = "wasm_byte_vec_delete")]
    public static partial void DeleteBytes(ref ByteVector bytes);

    [LibraryImport(Library, EntryPoint = "wasmtime_module_deserialize_file", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint DeserializeFile(nint engine, string path, out nint module);

    [LibraryImport(Library, EntryPoint = "wasmtime_module_delete")]
    public static partial void DeleteModule(nint module);

    [LibraryImport(Library, EntryPoint = "wasmtime_linker_new")]
    public static partial nint NewLinker(nint engine);

    [LibraryImport(Library, EntryPoint = "wasmtime_linker_delete")]
    public static partial void DeleteLinker(nint linker);

    [LibraryImport(Library, EntryPoint = "wasmtime_linker_define_wasi")]
    public static partial nint DefineWasi(nint linker);

    [LibraryImport(Library, EntryPoint = "wasmtime_linker_instantiate_pre")]
    public static partial nint Prepare(nint linker, nint module, out nint prepared);

    [LibraryImport(Library, EntryPoint = "wasmtime_instance_pre_delete")]
    public static partial void DeletePrepared(nint prepared);

    [LibraryImport(Library, EntryPoint = "wasmtime_instance_pre_instantiate")]
    public static partial nint Instantiate(nint prepared, nint context, InstanceHandle* instance, nint* trap);

    [LibraryImport(Library, EntryPoint = "wasmtime_store_new")]
    public static partial nint NewStore(nint engine, nint data, nint finalizer);

    [LibraryImport(Library, EntryPoint = "wasmtime_store_context")]
    public static partial nint ContextOf(nint store);

    [LibraryImport(Library, EntryPoint = "wasmtime_store_delete")]
    public static partial void DeleteStore(nint store);

    [LibraryImport(Library, EntryPoint = "wasmtime_instance_export_get")]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool GetExport(nint context, InstanceHandle* instance, byte* name, nuint length, ExternHandle* item);

    [LibraryImport(Library, EntryPoint = "wasmtime_func_call_unchecked")]
    public static partial nint Call(nint context, FunctionHandle* function, byte* values, nuint count, nint* trap);

    [LibraryImport(Library, EntryPoint = "wasm_functype_new")]
    public static partial nint NewFunctionType(ref ByteVector parameters, ref ByteVector results);

    [LibraryImport(Library, EntryPoint = "wasmtime_linker_define_async_func")]
    public static partial nint DefineAsync(
        nint linker, byte* module, nuint moduleLength, byte* name, nuint nameLength, nint type,
        delegate* unmanaged[Cdecl]<nint, nint, nint, nuint, nint, nuint, nint*, AsyncHostCalls.Continuation*, void> function,
        nint data, nint finalizer);

    [LibraryImport(Library, EntryPoint = "wasmtime_instance_pre_instantiate_async")]
    public static partial nint InstantiateAsync(nint prepared, nint context, InstanceHandle* instance, nint* trap, nint* error);

    [LibraryImport(Library, EntryPoint = "wasmtime_func_call_async")]
    public static partial nint CallAsync(
        nint context, FunctionHandle* function, nint arguments, nuint argumentCount, nint results, nuint resultCount, nint* trap,
        nint* error);

    [LibraryImport(Library, EntryPoint = "wasmtime_call_future_poll")]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool Poll(nint future);

    [LibraryImport(Library, EntryPoint = "wasmtime_call_future_delete")]
    public static partial void DeleteFuture(nint future);

    [LibraryImport(Library, EntryPoint = "wasmtime_error_message")]
    private static partial void GetMessage(nint error, out ByteVector message);

    public static void Check(nint error)
    {
        if (error != 0)
        {
            GetMessage(error, out ByteVector message);
            throw new InvalidOperationException(System.Text.Encoding.UTF8.GetString(message.Data, (int)message.Size));
        }
    }
}
