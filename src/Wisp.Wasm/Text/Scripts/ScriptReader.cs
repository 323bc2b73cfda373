using System.Text;

namespace Wisp.Wasm.Text.Scripts;

// Scripts   https://github.com/WebAssembly/spec/tree/main/interpreter#scripts
//   script    ::= directive* | a module without parentheses around its fields
//   directive ::= module | '(' 'register' string id? ')' | action | assertion | thread | wait
//   module    ::= '(' 'module' 'definition'? id? field* ')'
//               | '(' 'module' 'definition'? id? ('binary' | 'quote') string* ')'
//               | '(' 'module' 'instance' id? id? ')'
//   action    ::= '(' 'invoke' id? string const* ')' | '(' 'get' id? string ')'

/// <summary>Reads scripts: the directives of the specification's test suite.</summary>
internal sealed partial class ScriptReader
{
    private readonly TokenReader _reader;
    private readonly TypeParser _types;
    private int _line = 1;
    private int _lineOffset;

    private ScriptReader(TextSource source)
    {
        _reader = new TokenReader(source, 0);
        _types = new TypeParser(_reader, new IndexSpace("type", "type"), new TypeTable());
    }

    /// <summary>Reads a script.</summary>
    /// <param name="name">What errors call it: usually its path.</param>
    /// <param name="utf8">Its text.</param>
    /// <returns>The directives in order. Modules are not parsed yet.</returns>
    /// <exception cref="TextFormatException">The text is not a script.</exception>
    public static IReadOnlyList<ScriptDirective> Read(string name, byte[] utf8)
    {
        var script = new ScriptReader(TextSource.Read(name, utf8));
        var directives = new List<ScriptDirective>();
        while (script._reader.Kind != TokenKind.End)
        {
            directives.Add(script.TakeDirective(mayThread: true));
        }

        return directives;
    }

    private ScriptDirective TakeDirective(bool mayThread)
    {
        int open = _reader.Position;
        int line = LineOf(open);
        _reader.ExpectOpen();
        var word = _reader.Kind == TokenKind.Keyword ? (Keyword)_reader.Current.Value : Keyword.Unknown;
        if (IsField(word))
        {
            return TakeInlineModule(open, line);
        }

        _reader.Position++;
        ScriptDirective directive;
        switch (word)
        {
            case Keyword.Module:
                return TakeModuleDirective(open, line);
            case Keyword.Register:
                directive = new RegisterDirective(line, TakeText(), TakeIdentifier());
                break;
            case Keyword.Invoke or Keyword.Get:
                _reader.Position = open;
                return new ActionDirective(line, TakeAction());
            case Keyword.Thread when mayThread:
                directive = TakeThread(line);
                break;
            case Keyword.Wait:
                directive = new WaitDirective(line, TakeIdentifier() ?? throw _reader.Unexpected("a thread's name"));
                break;
            default:
                directive = TakeAssertion(word, line);
                break;
        }

        _reader.ExpectClose();
        return directive;
    }

    private ScriptDirective TakeAssertion(Keyword word, int line)
    {
        switch (word)
        {
            case Keyword.AssertReturn:
                ScriptAction action = TakeAction();
                var results = new List<ResultPattern>();
                while (_reader.Kind == TokenKind.LeftParen)
                {
                    results.Add(TakeResult(mayChoose: true));
                }

                return new AssertReturn(line, action, [.. results]);
            case Keyword.AssertTrap when _reader.IsOpen(Keyword.Module):
                return new AssertModuleFails(line, ModuleFailure.Trap, TakeModule(), TakeText());
            case Keyword.AssertTrap:
                return new AssertActionFails(line, ActionFailure.Trap, TakeAction(), TakeText());
            case Keyword.AssertExhaustion:
                return new AssertActionFails(line, ActionFailure.Exhaustion, TakeAction(), TakeText());
            case Keyword.AssertException:
                return new AssertActionFails(line, ActionFailure.Exception, TakeAction(), "");
            case Keyword.AssertMalformed:
                return new AssertModuleFails(line, ModuleFailure.Malformed, TakeModule(), TakeText());
            case Keyword.AssertInvalid:
                return new AssertModuleFails(line, ModuleFailure.Invalid, TakeModule(), TakeText());
            case Keyword.AssertUnlinkable:
                return new AssertModuleFails(line, ModuleFailure.Unlinkable, TakeModule(), TakeText());
            case Keyword.AssertMalformedCustom:
                return new AssertModuleFails(line, ModuleFailure.MalformedCustom, TakeModule(), TakeText());
            case Keyword.AssertInvalidCustom:
                return new AssertModuleFails(line, ModuleFailure.InvalidCustom, TakeModule(), TakeText());
            default:
                _reader.Position--;
                throw _reader.Unexpected("a directive");
        }
    }

    private ScriptDirective TakeModuleDirective(int open, int line)
    {
        if (_reader.TryTake(Keyword.Instance))
        {
            var instance = new ModuleInstanceDirective(line, TakeIdentifier(), TakeIdentifier());
            _reader.ExpectClose();
            return instance;
        }

        bool isDefinition = _reader.Is(Keyword.Definition);
        _reader.Position = open;
        ModuleSource module = TakeModule();
        return isDefinition ? new ModuleDefinitionDirective(line, module) : new ModuleDirective(line, module);
    }

    private ModuleSource TakeModule()
    {
        int open = _reader.Position;
        int line = LineOf(open);
        _reader.ExpectOpen(Keyword.Module);
        _reader.TryTake(Keyword.Definition);
        int symbol = _reader.TakeSymbol();
        string? name = symbol < 0 ? null : _reader.Source.Symbols[symbol];
        if (_reader.TryTake(Keyword.Binary))
        {
            return ModuleSource.Binary(name, TakeStrings());
        }

        if (_reader.TryTake(Keyword.Quote))
        {
            return ModuleSource.Quote(name, $"{_reader.Source.Name}:{line}: quoted", TakeStrings());
        }

        int fields = _reader.Position;
        _reader.Position = open;
        _reader.SkipGroup();
        return ModuleSource.Text(_reader.Source, fields, symbol);
    }

    private byte[] TakeStrings()
    {
        var bytes = new WasmWriter();
        while (_reader.Kind == TokenKind.String)
        {
            bytes.Bytes(_reader.TakeString());
        }

        _reader.ExpectClose();
        return bytes.Written.ToArray();
    }

    // A file that is only the fields of a module: everything up to its end belongs to the module.
    private ModuleDirective TakeInlineModule(int open, int line)
    {
        _reader.Position = _reader.Source.Count - 1;
        return new ModuleDirective(line, ModuleSource.Text(_reader.Source, open, symbol: -1));
    }

    private ThreadDirective TakeThread(int line)
    {
        string name = TakeIdentifier() ?? throw _reader.Unexpected("a thread's name");
        string? shared = null;
        if (_reader.TryOpen(Keyword.Shared))
        {
            _reader.ExpectOpen(Keyword.Module);
            shared = TakeIdentifier();
            _reader.ExpectClose();
            _reader.ExpectClose();
        }

        var directives = new List<ScriptDirective>();
        while (_reader.Kind == TokenKind.LeftParen)
        {
            directives.Add(TakeDirective(mayThread: false));
        }

        return new ThreadDirective(line, name, shared, directives);
    }

    private static bool IsField(Keyword word) => ModuleScope.KindOf(word) is not null
        || word is Keyword.Type or Keyword.Rec or Keyword.Import or Keyword.Export or Keyword.Start or Keyword.Elem
            or Keyword.Data;

    private string? TakeIdentifier()
    {
        int symbol = _reader.TakeSymbol();
        return symbol < 0 ? null : _reader.Source.Symbols[symbol];
    }

    private string TakeText() => Encoding.UTF8.GetString(_reader.TakeName());

    // Directives come in order, so the lines are counted once for the whole script.
    private int LineOf(int position)
    {
        int offset = _reader.Source[position].Start;
        if (offset > _lineOffset)
        {
            _line += _reader.Source.Bytes[_lineOffset..offset].Count((byte)'\n');
            _lineOffset = offset;
        }

        return _line;
    }
}
