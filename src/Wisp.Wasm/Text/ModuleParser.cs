namespace Wisp.Wasm.Text;

// A module in the text format   https://webassembly.github.io/spec/core/text/modules.html
//
// Two passes over the fields, because an identifier may be used before it is bound:
//   scan    numbers everything and binds identifiers; bodies are skipped
//   encode  types first, then each field goes into the contents of its section
// Nothing is kept as a tree: an instruction is written as soon as it is read.

/// <summary>Turns the tokens of a module into a binary module.</summary>
internal sealed partial class ModuleParser
{
    private readonly TokenReader _reader;
    private readonly ModuleScope _scope = new();
    private readonly ModuleSections _sections = new();
    private readonly TypeParser _types;
    private readonly InstructionParser _instructions;
    private readonly List<Field> _fields = [];
    private readonly List<int> _parameterNames = [];
    private readonly List<(int Function, List<int> Symbols)> _localNames = [];

    private ModuleParser(TextSource source, int position)
    {
        _reader = new TokenReader(source, position);
        _types = new TypeParser(_reader, _scope.Types, _scope.TypeTable);
        _instructions = new InstructionParser(_reader, _scope, _types);
    }

    /// <summary>Parses a module.</summary>
    /// <param name="source">The tokens.</param>
    /// <param name="position">Position of its first field.</param>
    /// <param name="symbol">The module's identifier, or -1.</param>
    /// <param name="end">Position behind its last field.</param>
    /// <returns>The binary module.</returns>
    /// <exception cref="TextFormatException">It is not a module.</exception>
    public static byte[] Parse(TextSource source, int position, int symbol, out int end)
    {
        var parser = new ModuleParser(source, position);
        parser.Scan();
        end = parser._reader.Position;
        parser.Encode();
        byte[] names = new NameSectionWriter(source.Symbols, parser._scope, parser._localNames).Write(symbol);
        return parser._sections.Assemble(parser._scope.TypeTable, names);
    }

    private void Encode()
    {
        foreach (Field field in _fields)
        {
            if (field.Word is Keyword.Type or Keyword.Rec)
            {
                _reader.Position = field.Open;
                _types.TakeGroup();
            }
        }

        foreach (Field field in _fields)
        {
            _reader.Position = field.Open + 2;
            switch (field.Word)
            {
                case Keyword.Type or Keyword.Rec:
                    continue;
                case Keyword.Import:
                    EncodeImport();
                    break;
                case Keyword.Func:
                    EncodeFunction(field.Index);
                    break;
                case Keyword.Table:
                    EncodeTable(field.Index);
                    break;
                case Keyword.Memory:
                    EncodeMemory(field.Index);
                    break;
                case Keyword.Global:
                    EncodeGlobal(field.Index);
                    break;
                case Keyword.Tag:
                    EncodeTag(field.Index);
                    break;
                case Keyword.Export:
                    EncodeExport();
                    break;
                case Keyword.Start:
                    EncodeStart();
                    break;
                case Keyword.Elem:
                    EncodeElement();
                    break;
                default:
                    EncodeData();
                    break;
            }

            _reader.ExpectClose();
        }

        _sections.NeedsDataCount = _instructions.UsesDataSegments;
    }

    private readonly record struct Field(Keyword Word, int Open, int Index);
}
