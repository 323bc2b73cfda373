namespace Wisp.Wasm.Text;

/// <summary>The contents of a module's sections while it is parsed.</summary>
internal sealed class ModuleSections
{
    /// <summary>Imports.</summary>
    public Section Imports { get; } = new(2);

    /// <summary>Types of functions.</summary>
    public Section Functions { get; } = new(3);

    /// <summary>Tables.</summary>
    public Section Tables { get; } = new(4);

    /// <summary>Memories.</summary>
    public Section Memories { get; } = new(5);

    /// <summary>Tags.</summary>
    public Section Tags { get; } = new(13);

    /// <summary>Globals.</summary>
    public Section Globals { get; } = new(6);

    /// <summary>Exports.</summary>
    public Section Exports { get; } = new(7);

    /// <summary>Element segments.</summary>
    public Section Elements { get; } = new(9);

    /// <summary>Function bodies.</summary>
    public Section Code { get; } = new(10);

    /// <summary>Data segments.</summary>
    public Section Data { get; } = new(11);

    /// <summary>The start function, if there is one.</summary>
    public uint? Start { get; set; }

    /// <summary>Whether an instruction names a data segment, so that their number must come before the code.</summary>
    public bool NeedsDataCount { get; set; }

    /// <summary>Puts the sections together.</summary>
    /// <param name="types">The types.</param>
    /// <param name="names">Contents of the name section; empty for none.</param>
    /// <returns>The binary module.</returns>
    public byte[] Assemble(TypeTable types, byte[] names)
    {
        var module = new WasmWriter();
        module.Bytes("\0asm\u0001\0\0\0"u8);
        Append(module, 1, types.GroupCount, types.Section.Written);
        foreach (Section section in (Section[])[Imports, Functions, Tables, Memories, Tags, Globals, Exports])
        {
            Append(module, section.Id, section.Count, section.Contents.Written);
        }

        if (Start is { } start)
        {
            AppendNumber(module, 8, start);
        }

        Append(module, Elements.Id, Elements.Count, Elements.Contents.Written);
        if (NeedsDataCount)
        {
            AppendNumber(module, 12, (uint)Data.Count);
        }

        Append(module, Code.Id, Code.Count, Code.Contents.Written);
        Append(module, Data.Id, Data.Count, Data.Contents.Written);
        if (names.Length > 0)
        {
            module.Byte(0);
            module.Vector(names);
        }

        return module.Written.ToArray();
    }

    private static void Append(WasmWriter module, int id, int count, ReadOnlySpan<byte> contents)
    {
        if (count == 0)
        {
            return;
        }

        var number = new WasmWriter();
        number.Unsigned((ulong)count);
        module.Byte(id);
        module.Unsigned((ulong)(number.Length + contents.Length));
        module.Bytes(number.Written);
        module.Bytes(contents);
    }

    private static void AppendNumber(WasmWriter module, int id, uint value)
    {
        var number = new WasmWriter();
        number.Unsigned(value);
        module.Byte(id);
        module.Vector(number.Written);
    }

    /// <summary>A section that is a list.</summary>
    /// <param name="id">Its number in the binary format.</param>
    internal sealed class Section(int id)
    {
        /// <summary>Its number in the binary format.</summary>
        public int Id => id;

        /// <summary>How many entries it has.</summary>
        public int Count { get; private set; }

        /// <summary>The entries.</summary>
        public WasmWriter Contents { get; } = new();

        /// <summary>Begins an entry.</summary>
        /// <returns>Where to write it.</returns>
        public WasmWriter Add()
        {
            Count++;
            return Contents;
        }
    }
}
