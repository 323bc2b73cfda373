using Wisp.Wasm.Model;

namespace Wisp.Wasm.Text;

// This part: the first pass, which gives everything its index and binds identifiers.
internal sealed partial class ModuleParser
{
    private string? _firstDefinition;

    private void Scan()
    {
        while (_reader.Kind is not (TokenKind.RightParen or TokenKind.End))
        {
            int open = _reader.Position;
            _reader.ExpectOpen();
            if (_reader.Kind != TokenKind.Keyword)
            {
                throw _reader.Unexpected("a field of a module");
            }

            var word = (Keyword)_reader.Current.Value;
            _reader.Position++;
            ScanField(word, open);
            _reader.Position = open;
            _reader.SkipGroup();
        }
    }

    private void ScanField(Keyword word, int open)
    {
        int index = 0;
        switch (word)
        {
            case Keyword.Type:
                _scope.Types.Add(_reader.TakeSymbol(), _reader);
                break;
            case Keyword.Rec:
                ScanGroup();
                break;
            case Keyword.Import:
                ScanImport();
                break;
            case Keyword.Func or Keyword.Table or Keyword.Memory or Keyword.Global or Keyword.Tag:
                index = ScanDefinition(word, open);
                break;
            case Keyword.Elem:
                index = _scope.Elements.Add(_reader.TakeSymbol(), _reader);
                break;
            case Keyword.Data:
                index = _scope.Data.Add(_reader.TakeSymbol(), _reader);
                break;
            case Keyword.Export or Keyword.Start:
                break;
            default:
                _reader.Position--;
                throw _reader.Unexpected("a field of a module");
        }

        _fields.Add(new Field(word, open, index));
    }

    private void ScanGroup()
    {
        while (_reader.Kind == TokenKind.LeftParen)
        {
            int open = _reader.Position;
            _reader.ExpectOpen(Keyword.Type);
            _scope.Types.Add(_reader.TakeSymbol(), _reader);
            _reader.Position = open;
            _reader.SkipGroup();
        }
    }

    private void ScanImport()
    {
        CheckImportOrder(_reader.Position - 2);
        _reader.TakeName();
        _reader.TakeName();
        _reader.ExpectOpen();
        ExternKind kind = TakeKind();
        _scope.Of(kind).Add(_reader.TakeSymbol(), _reader);
    }

    private int ScanDefinition(Keyword word, int open)
    {
        IndexSpace space = _scope.Of(ModuleScope.KindOf(word)!.Value);
        int index = space.Add(_reader.TakeSymbol(), _reader);
        while (_reader.IsOpen(Keyword.Export))
        {
            _reader.SkipGroup();
        }

        if (_reader.IsOpen(Keyword.Import))
        {
            CheckImportOrder(open);
            return index;
        }

        _firstDefinition ??= space.Name;
        if (word == Keyword.Table && IsInlineSegmentNext())
        {
            _scope.Elements.Add(-1, _reader);
        }
        else if (word == Keyword.Memory && IsInlineSegmentNext())
        {
            _scope.Data.Add(-1, _reader);
        }

        return index;
    }

    // (table i64? reftype (elem …)) and (memory i64? (data …)): limits would come first otherwise.
    private bool IsInlineSegmentNext()
    {
        int position = _reader.Is(Keyword.I32) || _reader.Is(Keyword.I64) ? _reader.Position + 1 : _reader.Position;
        return _reader.Source[position].Kind is TokenKind.Keyword or TokenKind.LeftParen;
    }

    private void CheckImportOrder(int open)
    {
        if (_firstDefinition is not null)
        {
            throw _reader.Source.Error(_reader.Source[open].Start, $"import after {_firstDefinition}");
        }
    }

    private ExternKind TakeKind()
    {
        ExternKind? kind = _reader.Kind == TokenKind.Keyword ? ModuleScope.KindOf((Keyword)_reader.Current.Value) : null;
        if (kind is null)
        {
            throw _reader.Unexpected("func, table, memory, global or tag");
        }

        _reader.Position++;
        return kind.Value;
    }
}
