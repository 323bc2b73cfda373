using System.Diagnostics.CodeAnalysis;
using Wisp.Abi;
using Wisp.Abi.Images;
using Wisp.Stacks;
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
            MemoryType type = module.Memories[i];
            if (state.MemoryPages[i] < type.Limits.Minimum || state.MemoryPages[i] > Memory.MaxPages(type))
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

        if (state.Waiting is { } waiting)
        {
            CheckWaiting(image, waiting, module, layout);
            CheckFrames(image, waiting);
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

    // Where a relocated word will point is not for the image to choose: it must be inside of what it names. How much is reserved for memories
    // only the instance knows, so WaitingStack.Write checks the upper bounds of these.
    private static void CheckWaiting(CodeImage image, WaitingCall waiting, WasmModule module, VmLayout layout)
    {
        if (waiting.Import >= (uint)module.ImportedFunctionCount || waiting.Stack.Length < WaitingStack.MinWords)
        {
            Refuse($"a call of function {waiting.Import} with {waiting.Stack.Length} words of stack");
        }

        foreach (Relocation relocation in waiting.Relocations)
        {
            long offset = relocation.Offset;
            bool isRight = relocation.Kind switch
            {
                RelocationKind.Stack => offset < Execution.Bytes && offset >= -8L * waiting.Stack.Length,
                RelocationKind.Slot => offset >= -layout.UsedBytes,
                RelocationKind.Text => offset >= 0 && offset <= image.Text.Length,
                RelocationKind.Entry => offset == 0,
                RelocationKind.Import => relocation.Index < (uint)module.ImportedFunctionCount && offset == 0,
                RelocationKind.Table => relocation.Index < (uint)module.Tables.Length
                    && offset >= 0 && offset < (long)VmLayout.TableElementBytes * image.State!.Tables[relocation.Index].Length,
                RelocationKind.Memory => relocation.Index > 0 && relocation.Index < (uint)module.Memories.Length && offset >= 0,
                _ => relocation.Index < (uint)module.Types.Length && offset == 0,
            };
            if (!isRight)
            {
                Refuse($"word {relocation.Word} of the stack points to {relocation.Kind} {relocation.Index} and {offset}");
            }
        }
    }

    // The chain of frames, from the host call to the entry: each saved rbp points further up, each return address is behind a call.
    // The block names the context and the function that is called.
    private static void CheckFrames(CodeImage image, WaitingCall waiting)
    {
        Relocation? At(long word) => word < waiting.Stack.Length && Array.BinarySearch(
            waiting.Relocations, new Relocation((uint)word, default, 0, 0), ByWord) is var found and >= 0 ? waiting.Relocations[found] : null;

        bool isRight = At(HostBlock.ContextAt / sizeof(ulong)) is { Kind: RelocationKind.Slot, Offset: 0 }
            && At(HostBlock.CalleeAt / sizeof(ulong)) is { Kind: RelocationKind.Import } callee && callee.Index == waiting.Import;
        long frame = WaitingStack.FrameWord;
        while (isRight)
        {
            Relocation? back = At(frame);
            Relocation? code = At(frame + 1);
            if (code is { Kind: RelocationKind.Entry })
            {
                isRight = back is { Kind: RelocationKind.Stack, Offset: 0 };
                break;
            }

            long next = waiting.Stack.Length + (back?.Offset ?? 0) / sizeof(ulong);
            isRight = back is { Kind: RelocationKind.Stack } && back.Value.Offset % sizeof(ulong) == 0 && next > frame
                && code is { Kind: RelocationKind.Text } && image.TryFindCall((uint)code.Value.Offset, out _);
            frame = next;
        }

        if (!isRight)
        {
            Refuse($"the stack's frame at word {frame} is none");
        }
    }

    private static bool HasReference(uint element, WasmModule module, VmLayout layout)
    {
        long function = element - 1L;
        return function < module.ImportedFunctionCount
            || Array.BinarySearch(layout.EscapingFunctions, new FuncIndex((int)Math.Min(function, int.MaxValue)), FuncIndexOrder) >= 0;
    }

    private static readonly Comparer<Relocation> ByWord = Comparer<Relocation>.Create(static (x, y) => x.Word.CompareTo(y.Word));

    private static readonly Comparer<FuncIndex> FuncIndexOrder = Comparer<FuncIndex>.Create(static (x, y) => x.Index.CompareTo(y.Index));

    internal static bool IsFunction(ValType type, WasmModule module) => type.IsReference && (type.Heap.IsConcrete
        ? module.Types[type.Heap.Code].Composite is FunctionType
        : type.Heap == HeapType.Func || type.Heap == HeapType.NoFunc);

    [DoesNotReturn]
    private static void Refuse(string what) =>
        throw new ImageException(ImageFault.Damaged, $"the image's snapshot does not belong to its module: {what}");
}
