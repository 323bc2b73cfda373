using System.Diagnostics.CodeAnalysis;
using Wisp.Abi;
using Wisp.Abi.Images;
using Wisp.Wasm.Model;

namespace Wisp.Linking;

/// <summary>Holds the state of a snapshot against the module that it must be of, before anything is made from either.</summary>
internal static class SnapshotCheck
{
    /// <exception cref="ImageException">The state does not belong to the module.</exception>
    public static void Check(CodeImage image, WasmModule module, VmLayout layout)
    {
        if (image.State is not { } state)
        {
            return;
        }

        if (module.ImportedMemoryCount + module.ImportedTableCount + module.ImportedGlobalCount > 0
            || state.MemoryPages.Length != module.Memories.Length
            || state.Tables.Length != module.Tables.Length
            || state.Globals.Length != module.Globals.Length
            || state.DroppedData.Length != module.Data.Length
            || state.DroppedElements.Length != module.Elements.Length)
        {
            Refuse("the state of another module");
        }

        for (int i = 0; i < state.MemoryPages.Length; i++)
        {
            Limits limits = module.Memories[i].Limits;
            ulong most = Math.Min(limits.Maximum ?? ulong.MaxValue, module.Memories[i].Is64 ? 1UL << 31 : 1UL << 16);
            if (state.MemoryPages[i] < limits.Minimum || state.MemoryPages[i] > most)
            {
                Refuse($"memory {i} of {state.MemoryPages[i]} pages");
            }
        }

        for (int i = 0; i < state.Tables.Length; i++)
        {
            CheckTable(state.Tables[i], i, module, layout);
        }

        for (int i = 0; i < state.Globals.Length; i++)
        {
            CheckGlobal(state.Globals[i], i, module, layout);
        }

        if (state.Waiting is not null)
        {
            throw new ImageException(ImageFault.Damaged, "a snapshot that waits");
        }
    }

    private static void CheckTable(uint[] table, int index, WasmModule module, VmLayout layout)
    {
        TableType type = module.Tables[index];
        bool isFunction = IsFunction(type.Element, module);
        if ((ulong)table.Length < type.Limits.Minimum || (ulong)table.Length > (type.Limits.Maximum ?? ulong.MaxValue))
        {
            Refuse($"table {index} of {table.Length} elements");
        }

        foreach (uint element in table)
        {
            if (element == 0 ? !type.Element.IsNullable : !isFunction || !HasReference(element, module, layout))
            {
                Refuse($"an element of table {index} is function {element - 1L}");
            }
        }
    }

    private static void CheckGlobal(SnapshotGlobal global, int index, WasmModule module, VmLayout layout)
    {
        ValType type = module.Globals[index].Type;
        if (global.IsFunction != IsFunction(type, module))
        {
            Refuse($"global {index} is of another type");
        }

        bool isRight = !type.IsReference
            || (global.Bits == 0 ? type.IsNullable : global.IsFunction && global.Bits <= uint.MaxValue && HasReference((uint)global.Bits, module, layout));
        if (!isRight)
        {
            Refuse($"global {index} is a reference that cannot be");
        }
    }

    private static bool HasReference(uint element, WasmModule module, VmLayout layout)
    {
        long function = element - 1L;
        return function < module.ImportedFunctionCount
            || Array.BinarySearch(layout.EscapingFunctions, new FuncIndex((int)Math.Min(function, int.MaxValue)), FuncIndexOrder) >= 0;
    }

    private static readonly Comparer<FuncIndex> FuncIndexOrder = Comparer<FuncIndex>.Create(static (x, y) => x.Index.CompareTo(y.Index));

    internal static bool IsFunction(ValType type, WasmModule module) => type.IsReference && (type.Heap.IsConcrete
        ? module.Types[type.Heap.Code].Composite is FunctionType
        : type.Heap == HeapType.Func || type.Heap == HeapType.NoFunc);

    [DoesNotReturn]
    private static void Refuse(string what) =>
        throw new ImageException(ImageFault.Damaged, $"the image's snapshot does not belong to its module: {what}");
}
