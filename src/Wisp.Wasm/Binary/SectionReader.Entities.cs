using Wisp.Wasm.Model;

namespace Wisp.Wasm.Binary;

// Functions, tables, memories, globals and tags: imported, defined and exported.
internal ref partial struct SectionReader
{
    private const byte TableWithInitializer = 0x40;

    // import   module:name name:name externtype
    private void ReadImports(ref ByteReader section)
    {
        _imports = new Import[section.ReadCount("imports", _limits.Imports)];
        for (int i = 0; i < _imports.Length; i++)
        {
            string module = section.ReadName();
            string name = section.ReadName();
            int at = section.Offset;
            byte kind = section.ReadByte();
            switch (kind)
            {
                case (byte)ExternKind.Function:
                    _imports[i] = new Import(module, name, ExternKind.Function, _functions.Count);
                    _functions.Add(new TypeIndex(section.ReadIndex()));
                    break;
                case (byte)ExternKind.Table:
                    _imports[i] = new Import(module, name, ExternKind.Table, _tables.Count);
                    _tables.Add(ReadTableType(ref section));
                    CheckTotal("tables", _tables.Count, _limits.Tables, at);
                    break;
                case (byte)ExternKind.Memory:
                    _imports[i] = new Import(module, name, ExternKind.Memory, _memories.Count);
                    _memories.Add(ReadMemoryType(ref section));
                    CheckTotal("memories", _memories.Count, _limits.Memories, at);
                    break;
                case (byte)ExternKind.Global:
                    _imports[i] = new Import(module, name, ExternKind.Global, _globals.Count);
                    _globals.Add(ReadGlobalType(ref section));
                    break;
                case (byte)ExternKind.Tag:
                    _imports[i] = new Import(module, name, ExternKind.Tag, _tags.Count);
                    _tags.Add(ReadTagType(ref section));
                    break;
                default:
                    Malformed.ImportKind(kind, at);
                    break;
            }
        }

        _importedFunctions = _functions.Count;
        _importedTables = _tables.Count;
        _importedMemories = _memories.Count;
        _importedGlobals = _globals.Count;
        _importedTags = _tags.Count;
    }

    private readonly void ReadFunctions(ref ByteReader section)
    {
        int at = section.Offset;
        int count = section.ReadCount("functions", _limits.Functions);
        CheckTotal("functions", (long)_functions.Count + count, _limits.Functions, at);
        for (int i = 0; i < count; i++)
        {
            _functions.Add(new TypeIndex(section.ReadIndex()));
        }
    }

    // table   tabletype: elements start as null | 40 00 tabletype expr
    private readonly void ReadTables(ref ByteReader section)
    {
        int at = section.Offset;
        int count = section.ReadCount("tables", _limits.Tables);
        CheckTotal("tables", (long)_tables.Count + count, _limits.Tables, at);
        for (int i = 0; i < count; i++)
        {
            bool initialized = section.PeekByte() == TableWithInitializer;
            if (initialized)
            {
                section.Skip(1);
                int zero = section.Offset;
                if (section.ReadByte() != 0)
                {
                    Malformed.ZeroByte(zero);
                }
            }

            _tables.Add(ReadTableType(ref section));
            _tableInitializers.Add(initialized ? ReadExpression(ref section) : null);
        }
    }

    private readonly void ReadMemories(ref ByteReader section)
    {
        int at = section.Offset;
        int count = section.ReadCount("memories", _limits.Memories);
        CheckTotal("memories", (long)_memories.Count + count, _limits.Memories, at);
        for (int i = 0; i < count; i++)
        {
            _memories.Add(ReadMemoryType(ref section));
        }
    }

    private readonly void ReadTags(ref ByteReader section)
    {
        int at = section.Offset;
        int count = section.ReadCount("tags", _limits.Tags);
        CheckTotal("tags", (long)_tags.Count + count, _limits.Tags, at);
        for (int i = 0; i < count; i++)
        {
            _tags.Add(ReadTagType(ref section));
        }
    }

    private readonly void ReadGlobals(ref ByteReader section)
    {
        int at = section.Offset;
        int count = section.ReadCount("globals", _limits.Globals);
        CheckTotal("globals", (long)_globals.Count + count, _limits.Globals, at);
        for (int i = 0; i < count; i++)
        {
            _globals.Add(ReadGlobalType(ref section));
            _globalInitializers.Add(ReadExpression(ref section));
        }
    }

    // export   name:name kind:byte index:u32
    private void ReadExports(ref ByteReader section)
    {
        _exports = new Export[section.ReadCount("exports", _limits.Exports)];
        for (int i = 0; i < _exports.Length; i++)
        {
            string name = section.ReadName();
            int at = section.Offset;
            byte kind = section.ReadByte();
            if (kind > (byte)ExternKind.Tag)
            {
                Malformed.ExportKind(kind, at);
            }

            _exports[i] = new Export(name, (ExternKind)kind, section.ReadIndex());
        }
    }

    private static void CheckTotal(string what, long count, int limit, int offset)
    {
        if (count > limit)
        {
            Malformed.LimitExceeded(what, (ulong)count, limit, offset);
        }
    }
}
