using Wisp.Abi.Images;
using Wisp.Compiler.Images;
using Wisp.Linking;
using Wisp.Wasm.Model;

namespace Wisp.Snapshots;

/// <summary>What an instance is now, in the words of an image.</summary>
internal sealed class InstanceState
{
    private readonly Instance _instance;
    private readonly HeapRun[] _runs;

    /// <summary>Looks at an instance, which must not change meanwhile.</summary>
    /// <exception cref="SnapshotException">It has something that an image cannot keep.</exception>
    public InstanceState(Instance instance)
    {
        _instance = instance;
        RefuseImports();
        Globals = ReadGlobals();
        Tables = ReadTables();
        MemoryPages = [.. Enumerable.Range(0, Definition.Memories.Length).Select(
            memory => (ulong)(instance.MemoryOf(memory).Bytes / Abi.VmLayout.WasmPageBytes))];
        _runs = HeapRuns.Find(instance, Definition.Memories.Length);
    }

    public SnapshotGlobal[] Globals { get; }

    public uint[][] Tables { get; }

    public ulong[] MemoryPages { get; }

    private WasmModule Definition => _instance.Module.Definition;

    /// <summary>The image.</summary>
    /// <param name="notes">Kept with it.</param>
    /// <param name="waiting">The call that the guest is in; null when it is in none.</param>
    public byte[] ToImage(ReadOnlyMemory<byte> notes, WaitingCall? waiting)
    {
        if (notes.Length > SnapshotState.MaxNoteBytes)
        {
            throw new ArgumentException($"{notes.Length} bytes of notes, {SnapshotState.MaxNoteBytes} are kept", nameof(notes));
        }

        var state = new SnapshotState
        {
            MemoryPages = MemoryPages,
            Tables = Tables,
            Globals = Globals,
            DroppedData = _instance.DroppedData(),
            DroppedElements = _instance.DroppedElements(),
            Notes = notes.ToArray(),
            Waiting = waiting,
        };
        return SnapshotImageWriter.Write(_instance.Module.Code.Image, Definition, state, _runs, (run, to) =>
        {
            _instance.MemoryOf((int)run.Memory).Guest.TrySlice(run.Address, (ulong)run.Bytes, out Span<byte> bytes);
            bytes.CopyTo(to);
        });
    }

    private void RefuseImports()
    {
        foreach (Import import in Definition.Imports)
        {
            if (import.Kind is not ExternKind.Function)
            {
                throw new SnapshotException(
                    $"the module imports {ImportCheck.NameOf(import)}, a {import.Kind.ToString().ToLowerInvariant()}, which is not the instance's own to keep");
            }
        }
    }

    private SnapshotGlobal[] ReadGlobals()
    {
        var globals = new SnapshotGlobal[Definition.Globals.Length];
        for (int i = 0; i < globals.Length; i++)
        {
            ValType type = Definition.Globals[i].Type;
            UInt128 bits = _instance.OwnGlobalBits(i);
            globals[i] = type.IsReference
                ? new SnapshotGlobal(SnapshotCheck.IsFunction(type, Definition), Keep((ulong)bits, type, $"global {i}"))
                : new SnapshotGlobal(false, bits & Mask(type));
        }

        return globals;
    }

    private uint[][] ReadTables()
    {
        uint[][] tables = new uint[Definition.Tables.Length][];
        for (int i = 0; i < tables.Length; i++)
        {
            ReadOnlySpan<ulong> elements = _instance.ElementsOf(i);
            tables[i] = new uint[elements.Length];
            for (int k = 0; k < elements.Length; k++)
            {
                tables[i][k] = Keep(elements[k], Definition.Tables[i].Element, $"element {k} of table {i}");
            }
        }

        return tables;
    }

    private uint Keep(ulong reference, ValType type, string where)
    {
        if (reference == 0)
        {
            return 0;
        }

        if (!SnapshotCheck.IsFunction(type, Definition))
        {
            throw new SnapshotException($"{where} is an object of the host's, which an image cannot keep");
        }

        return _instance.TryFindFunction(reference, out int function)
            ? (uint)function + 1
            : throw new SnapshotException($"{where} is a function that the module neither defines nor imports, which an image cannot keep");
    }

    // The upper bytes of a small global may be anything.
    private static UInt128 Mask(ValType type) => type.Kind switch
    {
        ValueKind.I32 or ValueKind.F32 => uint.MaxValue,
        ValueKind.I64 or ValueKind.F64 => ulong.MaxValue,
        _ => UInt128.MaxValue,
    };
}
