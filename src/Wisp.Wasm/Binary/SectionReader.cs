using Wisp.Wasm.Model;

namespace Wisp.Wasm.Binary;

// module    00 'a' 's' 'm'  01 00 00 00  section*
// section   id:byte size:u32 contents       https://webassembly.github.io/spec/core/binary/modules.html#sections
//
// Sections come in the order of OrderOf, each at most once; custom ones (id 0) anywhere and as often as they like.

/// <summary>Reads the sections of one module, collecting them until the whole module can be made.</summary>
internal ref partial struct SectionReader
{
    private const uint Magic = 0x6d736100;
    private const uint Version = 1;
    private const int HeaderBytes = 8;

    private const byte CustomId = 0;
    private const byte TypeId = 1;
    private const byte ImportId = 2;
    private const byte FunctionId = 3;
    private const byte TableId = 4;
    private const byte MemoryId = 5;
    private const byte GlobalId = 6;
    private const byte ExportId = 7;
    private const byte StartId = 8;
    private const byte ElementId = 9;
    private const byte CodeId = 10;
    private const byte DataId = 11;
    private const byte DataCountId = 12;
    private const byte TagId = 13;

    private readonly ReadOnlyMemory<byte> _memory;
    private readonly ReadOnlySpan<byte> _module;
    private readonly DecoderLimits _limits;
    private readonly bool _hasCode;
    private readonly InstructionReader.OperandLists _operands = new();

    private readonly List<CustomSection> _customs = [];
    private readonly List<DefinedType> _types = [];
    private readonly List<TypeIndex> _functions = [];
    private readonly List<TableType> _tables = [];
    private readonly List<MemoryType> _memories = [];
    private readonly List<GlobalType> _globals = [];
    private readonly List<TagType> _tags = [];
    private readonly List<ConstantExpression?> _tableInitializers = [];
    private readonly List<ConstantExpression> _globalInitializers = [];
    private Import[] _imports = [];
    private Export[] _exports = [];
    private ElementSegment[] _elements = [];
    private DataSegment[] _data = [];
    private FunctionBody[] _bodies = [];
    private FuncIndex? _start;
    private uint? _dataCount;
    private int _importedFunctions;
    private int _importedTables;
    private int _importedMemories;
    private int _importedGlobals;
    private int _importedTags;
    private int _elementCount;
    private int _bodyCount;   // how many of _bodies have been read

    public SectionReader(ReadOnlyMemory<byte> bytes, DecoderLimits limits, bool hasCode)
    {
        _memory = bytes;
        _module = bytes.Span;
        _limits = limits;
        _hasCode = hasCode;
    }

    public WasmModule ReadModule()
    {
        if (_module.Length > _limits.ModuleBytes)
        {
            Malformed.LimitExceeded("bytes", (uint)_module.Length, _limits.ModuleBytes, 0);
        }

        ReadHeader();
        try
        {
            ReadSections();
            CheckCounts();
        }
        catch (MalformedModuleException)
        {
            BodySyntax.Check(_module, _bodies.AsSpan(0, _bodyCount), _dataCount is not null);
            throw;
        }

        return new WasmModule
        {
            Bytes = _memory,
            Types = [.. _types],
            Imports = _imports,
            Functions = [.. _functions],
            Tables = [.. _tables],
            Memories = [.. _memories],
            Globals = [.. _globals],
            Tags = [.. _tags],
            ImportedFunctionCount = _importedFunctions,
            ImportedTableCount = _importedTables,
            ImportedMemoryCount = _importedMemories,
            ImportedGlobalCount = _importedGlobals,
            ImportedTagCount = _importedTags,
            TableInitializers = [.. _tableInitializers],
            GlobalInitializers = [.. _globalInitializers],
            Exports = _exports,
            Start = _start,
            Elements = _elements,
            Data = _data,
            DataCount = _dataCount,
            Bodies = _bodies,
            CustomSections = [.. _customs],
        };
    }

    private readonly void ReadHeader()
    {
        var header = new ByteReader(_module, 0, _module.Length);
        if (_module.Length < sizeof(uint))
        {
            Malformed.UnexpectedEnd(_module.Length);
        }

        if (header.ReadFixed32() != Magic)
        {
            Malformed.MagicNotFound();
        }

        uint version = header.ReadFixed32();
        if (version != Version)
        {
            Malformed.UnknownVersion(version);
        }
    }

    private void ReadSections()
    {
        var module = new ByteReader(_module, HeaderBytes, _module.Length);
        int last = 0;
        while (!module.AtEnd)
        {
            int at = module.Offset;
            byte id = module.ReadByte();
            if (id > TagId)
            {
                Malformed.SectionId(id, at);
            }

            int size = module.ReadLength();
            int end = module.Offset + size;
            if (id == CustomId)
            {
                var custom = new ByteReader(_module, module.Offset, end);
                string name = custom.ReadName();
                _customs.Add(new CustomSection(name, custom.Offset, custom.Remaining));
                module.Skip(size);
                continue;
            }

            int order = OrderOf(id);
            if (order <= last)
            {
                Malformed.SectionOrder(id, at);
            }

            // As in the reference decoder a section may read past its end, and only then is its size found to be wrong: the suite
            // expects what is wrong with the contents first.
            last = order;
            ReadSection(id, ref module);
            if (module.Offset != end)
            {
                Malformed.SectionSize(module.Offset);
            }
        }
    }

    private void ReadSection(byte id, ref ByteReader section)
    {
        switch (id)
        {
            case TypeId:
                ReadTypes(ref section);
                break;
            case ImportId:
                ReadImports(ref section);
                break;
            case FunctionId:
                ReadFunctions(ref section);
                break;
            case TableId:
                ReadTables(ref section);
                break;
            case MemoryId:
                ReadMemories(ref section);
                break;
            case TagId:
                ReadTags(ref section);
                break;
            case GlobalId:
                ReadGlobals(ref section);
                break;
            case ExportId:
                ReadExports(ref section);
                break;
            case StartId:
                _start = new FuncIndex(section.ReadIndex());
                break;
            case ElementId:
                ReadElements(ref section);
                break;
            case DataCountId:
                _dataCount = section.ReadU32();
                break;
            case CodeId:
                ReadCode(ref section);
                break;
            default:
                ReadData(ref section);
                break;
        }
    }

    // Ids tell the order, except that tags stand between memories and globals, and the data count before the code.
    private static int OrderOf(byte id) => id switch
    {
        TagId => (MemoryId * 2) + 1,
        DataCountId => (ElementId * 2) + 1,
        _ => id * 2,
    };

    private readonly void CheckCounts()
    {
        int declared = _functions.Count - _importedFunctions;
        if (_hasCode ? declared != _bodies.Length : _bodies.Length != 0)
        {
            Malformed.FunctionAndCodeCounts(declared, _bodies.Length, _module.Length);
        }

        if (_dataCount is { } count && count != (uint)_data.Length)
        {
            Malformed.DataCounts(count, _data.Length, _module.Length);
        }
    }
}
