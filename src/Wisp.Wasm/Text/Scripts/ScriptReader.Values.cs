using System.Buffers.Binary;
using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;

namespace Wisp.Wasm.Text.Scripts;

// This part: actions, their arguments, and what their results must be.
internal sealed partial class ScriptReader
{
    private ScriptAction TakeAction()
    {
        _reader.ExpectOpen();
        bool isCall = _reader.TryTake(Keyword.Invoke);
        if (!isCall)
        {
            _reader.Expect(Keyword.Get);
        }

        string? instance = TakeIdentifier();
        string export = TakeText();
        var arguments = new List<ScriptValue>();
        while (isCall && _reader.Kind == TokenKind.LeftParen)
        {
            arguments.Add(TakeValue());
        }

        _reader.ExpectClose();
        return new ScriptAction(instance, export, isCall ? [.. arguments] : null);
    }

    private ScriptValue TakeValue()
    {
        int open = _reader.Position;
        ScriptValueKind kind = TakeKind();
        ScriptValue value;
        switch (kind)
        {
            case ScriptValueKind.I32 or ScriptValueKind.I64:
                value = new ScriptValue(kind, _reader.TakeInteger(kind == ScriptValueKind.I32 ? 32 : 64));
                break;
            case ScriptValueKind.F32 or ScriptValueKind.F64:
                value = new ScriptValue(kind, _reader.TakeFloat(kind == ScriptValueKind.F32 ? 32 : 64));
                break;
            case ScriptValueKind.V128:
                var bytes = new WasmWriter();
                VectorText.Take(_reader, bytes);
                value = new ScriptValue(
                    kind, BinaryPrimitives.ReadUInt64LittleEndian(bytes.Written),
                    BinaryPrimitives.ReadUInt64LittleEndian(bytes.Written[8..]));
                break;
            case ScriptValueKind.RefNull:
                value = new ScriptValue(kind, 0, 0, TakeOptionalHeapType() ?? HeapType.Any);
                break;
            case ScriptValueKind.RefExtern or ScriptValueKind.RefHost:
                value = new ScriptValue(kind, _reader.TakeUnsigned(32));
                break;
            default:
                _reader.Position = open + 1;
                throw _reader.Unexpected("a constant");
        }

        _reader.ExpectClose();
        return value;
    }

    private ResultPattern TakeResult(bool mayChoose)
    {
        if (mayChoose && _reader.TryOpen(Keyword.Either))
        {
            var choices = new List<ResultPattern>();
            while (!_reader.TryClose())
            {
                choices.Add(TakeResult(mayChoose: false));
            }

            return new ResultPattern(ScriptValueKind.Either) { Choices = [.. choices] };
        }

        ScriptValueKind kind = TakeKind();
        var pattern = new ResultPattern(kind);
        switch (kind)
        {
            case ScriptValueKind.I32 or ScriptValueKind.I64 or ScriptValueKind.F32 or ScriptValueKind.F64:
                int bits = kind is ScriptValueKind.I32 or ScriptValueKind.F32 ? 32 : 64;
                bool isFloat = kind is ScriptValueKind.F32 or ScriptValueKind.F64;
                pattern = pattern with { Number = TakeNumber(bits, isFloat) };
                break;
            case ScriptValueKind.V128:
                pattern = pattern with { Lanes = TakeLanes() };
                break;
            case ScriptValueKind.RefNull:
                TakeOptionalHeapType();
                break;
            default:
                if (_reader.Kind == TokenKind.Number)
                {
                    pattern = pattern with { Reference = _reader.TakeUnsigned(32) };
                }

                break;
        }

        _reader.ExpectClose();
        return pattern;
    }

    private NumberPattern[] TakeLanes()
    {
        (int count, int bits, bool isFloat) =
            _reader.Kind == TokenKind.Keyword ? VectorText.ShapeOf((Keyword)_reader.Current.Value) : default;
        if (count == 0)
        {
            throw _reader.Unexpected("the shape of a vector");
        }

        _reader.Position++;
        var lanes = new NumberPattern[count];
        for (int i = 0; i < count; i++)
        {
            lanes[i] = TakeNumber(bits, isFloat);
        }

        return lanes;
    }

    private NumberPattern TakeNumber(int bits, bool isFloat)
    {
        if (isFloat && _reader.TryTake(Keyword.NanCanonical))
        {
            return new NumberPattern(0, NanPattern.Canonical);
        }

        if (isFloat && _reader.TryTake(Keyword.NanArithmetic))
        {
            return new NumberPattern(0, NanPattern.Arithmetic);
        }

        return new NumberPattern(isFloat ? _reader.TakeFloat(bits) : _reader.TakeInteger(bits), NanPattern.None);
    }

    private ScriptValueKind TakeKind()
    {
        int word = _reader.WordAfter(_reader.Position);
        ScriptValueKind? kind = _reader.Kind != TokenKind.LeftParen ? null : word switch
        {
            (int)Opcode.I32Const => ScriptValueKind.I32,
            (int)Opcode.I64Const => ScriptValueKind.I64,
            (int)Opcode.F32Const => ScriptValueKind.F32,
            (int)Opcode.F64Const => ScriptValueKind.F64,
            (int)Opcode.V128Const => ScriptValueKind.V128,
            (int)Opcode.RefNull => ScriptValueKind.RefNull,
            (int)Opcode.RefFunc => ScriptValueKind.RefFunc,
            (int)Opcode.RefEq => ScriptValueKind.RefEq,
            (int)Opcode.RefI31 => ScriptValueKind.RefI31,
            (int)Keyword.RefExtern => ScriptValueKind.RefExtern,
            (int)Keyword.RefHost => ScriptValueKind.RefHost,
            (int)Keyword.RefAny => ScriptValueKind.RefAny,
            (int)Keyword.RefStruct => ScriptValueKind.RefStruct,
            (int)Keyword.RefArray => ScriptValueKind.RefArray,
            (int)Keyword.RefExn => ScriptValueKind.RefExn,
            _ => null,
        };
        if (kind is null)
        {
            throw _reader.Unexpected("a constant");
        }

        _reader.Position += 2;
        return kind.Value;
    }

    private HeapType? TakeOptionalHeapType() =>
        _reader.Kind == TokenKind.RightParen ? null : _types.TakeHeapType();
}
