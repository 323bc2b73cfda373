using Wisp.Abi;
using Wisp.Abi.Images;
using Wisp.Memories;
using Wisp.Wasm.Model;

namespace Wisp.Stacks;

// How a native stack gets into an image, without the compiler's help:
//
// Start-up is the same in each run, so two runs leave the same words on their stacks, but for words that depend on where something lies.
// Two runs in two engines have nothing at the same place (but the stubs), and other numbers for types. So a word that differs between
// them is an address or a type's number, and it must be the same distance into the same thing in both; else there is no snapshot. What
// is equal in both is data. Unused words of frames are no exception: a store that takes snapshots begins its calls with an empty stack
// and empty registers, so whatever lies in them is the guest's.
//
//   lower addresses                                                                      higher addresses
//   ┌───────────────────────┬────────────────────┬─────────────────────────┬─────────────────────────┬────────────┐
//   │ HostBlock of the call │ rbp, return address│ frame                   │ ...  outermost frame    │ Execution  │
//   │ word 0                │ words 52, 53       │ spilled values          │ returns to the entry    │ not kept   │
//   └───────────────────────┴────────────────────┴─────────────────────────┴─────────────────────────┴────────────┘
//
// No place is larger than what is reserved for it: two things may lie at the same distance in both runs, one after the other as the kernel
// gave them out, so an address in one must not be taken for one in the other.
// Where the end of one thing is the start of another, an address could be of either. A context without a memory ends where the code may
// start; but only return addresses point into code, and the chain of frames tells which words these are.
//
// Of the block only what the host reads is kept: the arguments of the function's type, who calls whom, and the callee-saved registers.

/// <summary>The stack of a guest that waits in a host call.</summary>
internal sealed unsafe class WaitingStack
{
    /// <summary>A host call's block, and the frame that it returns through.</summary>
    public const int MinWords = FrameWord + 2;

    /// <summary>The first frame of the chain: a saved rbp, and above it a return address.</summary>
    public const int FrameWord = HostBlock.Bytes / sizeof(ulong);

    private readonly Instance _instance;
    private readonly nint _end;
    private readonly ulong[] _words;
    private readonly uint _import;

    /// <summary>Copies a stack.</summary>
    /// <exception cref="SnapshotException">The guest waits in a way that cannot be kept.</exception>
    public WaitingStack(Instance instance, Activation activation)
    {
        _instance = instance;
        _end = activation.RecordAddress;
        nint start = activation.GuestRsp;
        var block = (HostBlock*)start;
        long words = (_end - start) / sizeof(ulong);
        if (!instance.Store.TakesSnapshots)
        {
            throw new SnapshotException("the guest waits, and its store was not made to take snapshots of such");
        }

        if (!activation.IsPlain || activation.PendingCall is null || block->Context != instance.Context)
        {
            throw new SnapshotException("the guest waits in a call that has parameters or results, or of another instance");
        }

        if (words > WaitingCall.MaxWords)
        {
            throw new SnapshotException($"the guest's stack of {words * sizeof(ulong)} bytes is too large to keep");
        }

        int import = instance.TryFindFunction((ulong)block->Callee, out int function) ? function : int.MaxValue;
        _import = import < instance.Module.Definition.ImportedFunctionCount
            ? (uint)import
            : throw new SnapshotException("the guest waits in a function that its module does not import");

        // SAFETY: the guest is suspended, and between its stack pointer and the record lie its frames.
        _words = new Span<ulong>((void*)start, (int)words).ToArray();
        KeepOfBlock(block, instance.Module.Definition.TypeOf(new FuncIndex(import)));
    }

    /// <summary>Tells addresses from data.</summary>
    /// <param name="one">The stack that is kept.</param>
    /// <param name="two">The stack of a twin that went the same way.</param>
    /// <exception cref="SnapshotException">They differ in what is no address, or something of both lies at one place.</exception>
    public static WaitingCall Relate(WaitingStack one, WaitingStack two)
    {
        CheckApart(one._instance.Module, two._instance.Module);
        if (one._words.Length != two._words.Length || one._import != two._import)
        {
            throw new SnapshotException("two runs that went the same way wait in different places");
        }

        ulong[] stack = [.. one._words];
        var relocations = new List<Relocation>();
        HashSet<int> returns = one.FindReturns();
        for (int i = 0; i < stack.Length; i++)
        {
            if (one.Find(two, i, returns.Contains(i)) is { } relocation)
            {
                relocations.Add(relocation);
                stack[i] = relocation.Kind == RelocationKind.TypeId ? stack[i] >> 32 << 32 : 0;
            }
        }

        return new WaitingCall { Import = one._import, Stack = stack, Relocations = [.. relocations] };
    }

    /// <summary>Writes a stack for an instance.</summary>
    /// <param name="instance">The instance.</param>
    /// <param name="waiting">What was kept.</param>
    /// <param name="words">Where it goes.</param>
    /// <param name="end">Address of the record that it ends at.</param>
    /// <exception cref="ImageException">A word would point out of what it names.</exception>
    public static void Write(Instance instance, WaitingCall waiting, Span<ulong> words, nint end)
    {
        waiting.Stack.CopyTo(words);
        foreach (Relocation relocation in waiting.Relocations)
        {
            ref ulong word = ref words[(int)relocation.Word];
            nint offset = (nint)relocation.Offset;
            int index = (int)relocation.Index;

            // How much is reserved only the instance knows; all other bounds SnapshotCheck has checked.
            long reserved = relocation.Kind switch
            {
                RelocationKind.Slot => Math.Max(instance.ReservedBytes, 1),
                RelocationKind.Memory => Math.Max(instance.MemoryOf(index).ReservedBytes, 1),
                _ => long.MaxValue,
            };
            if (offset >= reserved)
            {
                throw new ImageException(ImageFault.Damaged, $"word {relocation.Word} of the snapshot's stack points {offset} bytes into {reserved}");
            }

            word = relocation.Kind switch
            {
                RelocationKind.Stack => (ulong)(end + offset),
                RelocationKind.Slot => (ulong)(instance.Context + offset),
                RelocationKind.Text => (ulong)(instance.Module.Code.Text + offset),
                RelocationKind.Entry => (ulong)Stubs.EntryReturn,
                RelocationKind.Import => (ulong)instance.ImportedFunction(index),
                RelocationKind.Table => (ulong)(instance.ElementsAddress(index) + offset),
                RelocationKind.Memory => (ulong)(instance.MemoryOf(index).Origin + offset),
                _ => word | instance.Module.Space.IdOf(new TypeIndex(index)),
            };
        }
    }

    // What is equal in both is taken for data, so nothing that depends on the place or the engine may be.
    private static void CheckApart(Module one, Module two)
    {
        bool isApart = one.Engine != two.Engine && one.Code.Text != two.Code.Text;
        for (int i = 0; i < Math.Min(one.Definition.Types.Length, two.Definition.Types.Length); i++)
        {
            isApart &= one.Space.IdOf(new TypeIndex(i)) != two.Space.IdOf(new TypeIndex(i));
        }

        if (!isApart)
        {
            throw new SnapshotException("the twin has code or numbers of types in common with the instance; it must be of an engine of its own");
        }
    }

    private void KeepOfBlock(HostBlock* block, FunctionType type)
    {
        var kept = default(HostBlock);
        kept.Callee = block->Callee;
        kept.Context = block->Context;
        nint from = (nint)block;
        nint to = (nint)(&kept);
        void Keep(int offset) => RawMemory.Write64(to + offset, RawMemory.Read64(from + offset));

        foreach (ValueLocation argument in new CallingConvention(type).Arguments)
        {
            if (argument.Register is { } register)
            {
                int integer = Array.IndexOf(CallingConvention.IntegerArguments, register);
                int offset = integer >= 0
                    ? HostBlock.IntegerArgumentsAt + (8 * integer)
                    : HostBlock.VectorArgumentsAt + (16 * (register - MachineRegister.Xmm0));
                Keep(offset);
                if (argument.Type.Kind == ValueKind.V128)
                {
                    Keep(offset + 8);
                }
            }
        }

        for (int i = 0; i < CallingConvention.CalleeSaved.Length; i++)
        {
            Keep(HostBlock.SavedAt + (8 * i));
        }

        new Span<ulong>(&kept, FrameWord).CopyTo(_words);
    }

    private HashSet<int> FindReturns()
    {
        var returns = new HashSet<int>();
        for (long frame = FrameWord; ;)
        {
            returns.Add((int)frame + 1);
            long next = _words.Length - ((_end - (long)_words[frame]) / sizeof(ulong));
            if ((long)_words[frame] == _end)
            {
                return returns;
            }

            frame = next > frame && next < _words.Length - 1 ? next : throw new SnapshotException("the guest's chain of frames is broken");
        }
    }

    private Relocation? Find(WaitingStack other, int word, bool isReturn)
    {
        ulong mine = _words[word];
        ulong its = other._words[word];
        if (mine == its)
        {
            if (!Stubs.Contains((nint)mine))
            {
                return null;
            }

            return (nint)mine == Stubs.CleanEntryReturn || (nint)mine == Stubs.EntryReturn
                ? new Relocation((uint)word, RelocationKind.Entry, 0, 0)
                : throw new SnapshotException($"word {word} of the guest's stack is an address of the host's");
        }

        foreach ((Place here, Place there) in isReturn ? [(Text, other.Text)] : Places().Zip(other.Places()))
        {
            long offset = (long)mine - here.Start;
            if (offset >= here.Lowest && offset < here.End && offset == (long)its - there.Start)
            {
                return new Relocation((uint)word, here.Kind, here.Index, offset);
            }
        }

        for (int i = 0; i < _instance.Module.Definition.Types.Length; i++)
        {
            var type = new TypeIndex(i);
            if (mine >> 32 == its >> 32
                && (uint)mine == _instance.Module.Space.IdOf(type) && (uint)its == other._instance.Module.Space.IdOf(type))
            {
                return new Relocation((uint)word, RelocationKind.TypeId, (uint)i, 0);
            }
        }

        throw new SnapshotException($"word {word} of {_words.Length} of the guest's stack differs between two runs and is no address that is known");
    }

    // Tables lie in the slot or elsewhere, so the slot is the context and memory 0 alone.
    private IEnumerable<Place> Places()
    {
        WasmModule module = _instance.Module.Definition;
        for (int i = 0; i < module.Tables.Length; i++)
        {
            yield return new Place(
                RelocationKind.Table, (uint)i, _instance.ElementsAddress(i), 0, (long)_instance.ElementsOf(i).Length * sizeof(ulong));
        }

        for (int i = 1; i < module.Memories.Length; i++)
        {
            yield return new Place(
                RelocationKind.Memory, (uint)i, _instance.MemoryOf(i).Origin, 0, Math.Max(_instance.MemoryOf(i).ReservedBytes, 1));
        }

        for (int i = 0; i < module.ImportedFunctionCount; i++)
        {
            yield return new Place(RelocationKind.Import, (uint)i, _instance.ImportedFunction(i), 0, 1);
        }

        yield return new Place(RelocationKind.Stack, 0, _end, -8L * _words.Length, Execution.Bytes);
        yield return new Place(
            RelocationKind.Slot, 0, _instance.Context, -_instance.Module.Layout.UsedBytes, Math.Max(_instance.ReservedBytes, 1));
        yield return Text;
    }

    private Place Text => new(RelocationKind.Text, 0, _instance.Module.Code.Text, 0, _instance.Module.Code.Image.Text.Length + 1);

    /// <summary>Addresses from Start + Lowest up to Start + End.</summary>
    private readonly record struct Place(RelocationKind Kind, uint Index, nint Start, long Lowest, long End);
}
