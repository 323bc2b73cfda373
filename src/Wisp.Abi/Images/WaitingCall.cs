namespace Wisp.Abi.Images;

/// <summary>A guest's stack while it waits in a host call: what lies on it, and which words of it depend on where things lie.</summary>
internal sealed class WaitingCall
{
    /// <summary>A stack of 8 MiB; start-up code that needs more is refused.</summary>
    public const int MaxWords = 1 << 20;

    private const int RelocationBytes = 20;

    /// <summary>Index of the imported function that was called.</summary>
    public uint Import { get; set; }

    /// <summary>From the block of the host call up to the record of the entry.</summary>
    public ulong[] Stack { get; set; } = [];

    /// <summary>Sorted by word.</summary>
    public Relocation[] Relocations { get; set; } = [];

    public void Read(ref StateReader reader)
    {
        Import = reader.U32();
        int words = reader.Count(sizeof(ulong));
        reader.Check(words <= MaxWords, $"a stack of {words} words");
        uint relocations = reader.U32();
        Stack = new ulong[words];
        reader.Words(Stack);
        reader.Check(relocations <= (uint)(reader.Left / RelocationBytes), $"{relocations} relocations in {reader.Left} bytes");
        Relocations = new Relocation[relocations];
        uint next = 0;
        foreach (ref Relocation relocation in Relocations.AsSpan())
        {
            relocation = new Relocation(reader.U32(), (RelocationKind)reader.U32(), reader.U32(), (long)reader.U64());
            bool isRight = relocation.Word >= next && relocation.Word < (uint)words && Enum.IsDefined(relocation.Kind);
            reader.Check(isRight, $"relocation of kind {relocation.Kind} for word {relocation.Word}");
            next = relocation.Word + 1;
        }
    }

    public void Write(List<byte> bytes)
    {
        StateBytes.Add(bytes, Import);
        StateBytes.Add(bytes, (uint)Stack.Length);
        StateBytes.Add(bytes, (uint)Relocations.Length);
        foreach (ulong word in Stack)
        {
            StateBytes.Add(bytes, word);
        }

        foreach (Relocation relocation in Relocations)
        {
            StateBytes.Add(bytes, relocation.Word);
            StateBytes.Add(bytes, (uint)relocation.Kind);
            StateBytes.Add(bytes, relocation.Index);
            StateBytes.Add(bytes, (ulong)relocation.Offset);
        }
    }
}

/// <summary>A word of the stack that depends on where something lies.</summary>
/// <param name="Word">Which word.</param>
/// <param name="Kind">What it points into.</param>
/// <param name="Index">Which of them, where there are several.</param>
/// <param name="Offset">Bytes from its start.</param>
internal readonly record struct Relocation(uint Word, RelocationKind Kind, uint Index, long Offset);

/// <summary>What a word of a stack points into.</summary>
internal enum RelocationKind : uint
{
    /// <summary>The stack itself: bytes from the record of the entry, mostly below it.</summary>
    Stack = 1,

    /// <summary>The instance's slot: bytes from r15, below it the context, above it memory 0.</summary>
    Slot,

    /// <summary>The module's code: bytes from the start of the text.</summary>
    Text,

    /// <summary>Where the outermost guest function returns to.</summary>
    Entry,

    /// <summary>The FuncRef of an imported function, by function index.</summary>
    Import,

    /// <summary>The elements of an own table, by table index.</summary>
    Table,

    /// <summary>An own memory but memory 0, by memory index.</summary>
    Memory,

    /// <summary>No address: the canonical id of a type, by type index, in the low four bytes; the upper ones stay.</summary>
    TypeId,
}
