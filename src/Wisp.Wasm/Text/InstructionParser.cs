using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;

namespace Wisp.Wasm.Text;

// Instructions   https://webassembly.github.io/spec/core/text/instructions.html
//   instr       ::= plaininstr | blockinstr | foldedinstr
//   foldedinstr ::= '(' plaininstr foldedinstr* ')'
//                 | '(' ('block' | 'loop') label blocktype instr* ')'
//                 | '(' 'try_table' label blocktype catch* instr* ')'
//                 | '(' 'if' label blocktype foldedinstr* '(' 'then' instr* ')' ('(' 'else' instr* ')')? ')'
//
// What is open is a stack of frames, never the call stack: a text may nest as deep as its length allows. A folded
// instruction is written when its parenthesis closes; until then its encoding waits in _pending, itself a stack:
//
//   (i32.add (i32.const 1) (i32.load offset=4 (local.get 0)))
//                                                     ^ here  _pending: [i32.add] [i32.load 2 4]    Output: [i32.const 1]

/// <summary>Parses instructions and writes their encoding at once.</summary>
internal sealed partial class InstructionParser
{
    private readonly TokenReader _reader;
    private readonly ModuleScope _scope;
    private readonly TypeParser _types;
    private readonly WasmWriter _pending = new();
    private readonly List<Frame> _frames = [];
    private readonly Dictionary<int, int> _labels = [];
    private readonly List<uint> _labelList = [];
    private int _labelDepth;
    private readonly IndexSpace _locals = new("local", "local");

    /// <summary>Starts with nothing.</summary>
    /// <param name="reader">The tokens.</param>
    /// <param name="scope">The module's index spaces.</param>
    /// <param name="types">Parses types.</param>
    public InstructionParser(TokenReader reader, ModuleScope scope, TypeParser types)
    {
        _reader = reader;
        _scope = scope;
        _types = types;
    }

    private enum FrameKind : byte
    {
        /// <summary><c>block</c>, <c>loop</c> or <c>try_table</c>, up to <c>end</c>.</summary>
        Block,

        /// <summary><c>if</c>, up to <c>else</c> or <c>end</c>.</summary>
        If,

        /// <summary><c>else</c>, up to <c>end</c>.</summary>
        Else,

        /// <summary>A folded instruction: operands follow.</summary>
        FoldedOperator,

        /// <summary>A folded <c>block</c>, <c>loop</c> or <c>try_table</c>.</summary>
        FoldedBlock,

        /// <summary>A folded <c>if</c> before <c>then</c>.</summary>
        FoldedCondition,

        /// <summary>The <c>then</c> of a folded <c>if</c>.</summary>
        FoldedThen,

        /// <summary>A folded <c>if</c> behind <c>then</c>.</summary>
        FoldedAfterThen,

        /// <summary>The <c>else</c> of a folded <c>if</c>.</summary>
        FoldedElse,

        /// <summary>A folded <c>if</c> behind <c>else</c>.</summary>
        FoldedAfterElse,
    }

    /// <summary>What was written: of a function, locals and instructions; of an expression, instructions.</summary>
    public WasmWriter Output { get; } = new();

    /// <summary>Whether any instruction so far named a data segment.</summary>
    public bool UsesDataSegments { get; private set; }

    /// <summary>Symbols of parameters and locals, or -1.</summary>
    public IReadOnlyList<int> LocalSymbols => _locals.Symbols;

    /// <summary>Starts a constant expression.</summary>
    public void BeginExpression()
    {
        _locals.Clear();
        Output.Truncate(0);
        BeginSequence();
    }

    /// <summary>Starts a function.</summary>
    /// <param name="parameterSymbols">Identifiers of its parameters, or -1.</param>
    public void BeginFunction(List<int> parameterSymbols)
    {
        BeginExpression();
        foreach (int symbol in parameterSymbols)
        {
            _locals.Add(symbol, _reader);
        }
    }

    /// <summary>Steps over declarations of locals and writes them.</summary>
    public void TakeLocals()
    {
        var runs = new List<(uint Count, ValType Type)>();
        while (_reader.TryOpen(Keyword.Local))
        {
            if (_reader.Kind == TokenKind.Identifier)
            {
                _locals.Add(_reader.TakeSymbol(), _reader);
                AddLocal(runs, _types.TakeValType());
                _reader.ExpectClose();
                continue;
            }

            while (!_reader.TryClose())
            {
                AddLocal(runs, _types.TakeValType());
                _locals.AddUnnamed(1);
            }
        }

        Output.Unsigned((ulong)runs.Count);
        foreach ((uint count, ValType type) in runs)
        {
            Output.Unsigned(count);
            Output.Type(type);
        }
    }

    /// <summary>Steps over instructions up to the closing parenthesis around them; writes them and <c>end</c>.</summary>
    public void TakeSequence()
    {
        while (_frames.Count > 0 || _reader.Kind != TokenKind.RightParen)
        {
            Step();
        }

        Output.Byte(Opcode.End.Code());
    }

    /// <summary>Steps over one folded instruction; writes it and <c>end</c>.</summary>
    public void TakeFolded()
    {
        if (_reader.Kind != TokenKind.LeftParen)
        {
            throw _reader.Unexpected("a folded instruction");
        }

        do
        {
            Step();
        }
        while (_frames.Count > 0);

        Output.Byte(Opcode.End.Code());
    }

    private void BeginSequence()
    {
        _pending.Truncate(0);
        _frames.Clear();
        _labels.Clear();
        _labelDepth = 0;
    }

    private static void AddLocal(List<(uint Count, ValType Type)> runs, ValType type)
    {
        if (runs.Count > 0 && runs[^1].Type == type)
        {
            runs[^1] = (runs[^1].Count + 1, type);
        }
        else
        {
            runs.Add((1, type));
        }
    }

    /// <summary>Reads one instruction, or the beginning or end of one that contains others.</summary>
    private void Step()
    {
        switch (_reader.Kind)
        {
            case TokenKind.Keyword when HoldsInstructions():
                TakePlain();
                break;
            case TokenKind.LeftParen:
                OpenFolded();
                break;
            case TokenKind.RightParen:
                CloseFolded();
                break;
            default:
                throw _reader.Unexpected("an instruction");
        }
    }

    // Operands of a folded instruction, and conditions, must be folded themselves.
    private bool HoldsInstructions() => _frames.Count == 0 || _frames[^1].Kind is FrameKind.Block or FrameKind.If
        or FrameKind.Else or FrameKind.FoldedBlock or FrameKind.FoldedThen or FrameKind.FoldedElse;

    /// <summary>Steps over the word of an instruction.</summary>
    private Opcode TakeOpcode()
    {
        if (_reader.Kind != TokenKind.Keyword || _reader.Current.Value >= Opcodes.Count)
        {
            throw _reader.Unexpected("an instruction");
        }

        return (Opcode)_reader.Source[_reader.Position++].Value;
    }

    /// <summary>Something open. A label's symbol is -1 if it has none.</summary>
    private readonly record struct Frame(FrameKind Kind, int PendingStart, int Label, int ShadowedDepth);
}
