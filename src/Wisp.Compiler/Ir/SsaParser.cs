using System.Globalization;
using Wisp.Abi;
using Wisp.Compiler.Translation;
using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;

namespace Wisp.Compiler.Ir;

/// <summary>Reads the text form of SsaText; for tests of passes and of selection.</summary>
internal sealed class SsaParser
{
    private static readonly Dictionary<string, Op> Ops = SsaText.NamesOf<Op>();
    private static readonly Dictionary<string, IntCondition> IntConditions = SsaText.NamesOf<IntCondition>();
    private static readonly Dictionary<string, FloatCondition> FloatConditions = SsaText.NamesOf<FloatCondition>();
    private static readonly Dictionary<string, TrapCode> Traps = SsaText.NamesOf<TrapCode>();
    private static readonly Dictionary<string, Builtin> Builtins = SsaText.NamesOf<Builtin>();

    private readonly SsaFunction _function = new();
    private readonly Dictionary<string, int> _values = [];
    private readonly Dictionary<string, int> _blocks = [];
    private readonly List<(int Inst, int Field, string Name)> _pendingFields = [];
    private readonly List<(int Index, string Name)> _pendingLists = [];
    private string _line = "";
    private int _at;
    private int _lineNumber;

    /// <summary>Reads a function.</summary>
    /// <exception cref="FormatException">The text is not of this form; the message names the line.</exception>
    public static SsaFunction Parse(string text) => new SsaParser().Run(text);

    private SsaFunction Run(string text)
    {
        string[] lines = text.Split('\n');
        foreach (string line in lines)
        {
            string trimmed = line.Trim();
            if (trimmed.StartsWith("block", StringComparison.Ordinal))
            {
                string name = trimmed[..trimmed.IndexOf('(', StringComparison.Ordinal)];
                _blocks.Add(name, _function.Blocks.Add(default));
                _function.Order.Add(_function.Blocks.Count - 1);
            }
        }

        int block = -1;
        for (int i = 0; i < lines.Length; i++)
        {
            _line = lines[i].Trim();
            _lineNumber = i + 1;
            _at = 0;
            if (_line.Length == 0)
            {
                continue;
            }

            if (_line.StartsWith("block", StringComparison.Ordinal))
            {
                EndBlock(block);
                BeginBlock(++block);
            }
            else
            {
                ParseInst();
            }
        }

        EndBlock(block);
        foreach ((int inst, int field, string name) in _pendingFields)
        {
            ref Inst target = ref _function.Insts[inst];
            int value = Find(name);
            _ = field == 0 ? target.A = value : field == 1 ? target.B = value : target.C = value;
        }

        foreach ((int index, string name) in _pendingLists)
        {
            _function.Lists[index] = Find(name);
        }

        return _function;
    }

    private void BeginBlock(int number)
    {
        Word();
        Expect('(');
        var parameters = new List<int>();
        while (!TryTake(')'))
        {
            string name = Word();
            Expect(':');
            int value = AddInst(new Inst { Op = Op.Param, Type = ParseType(Word()), A = number, B = parameters.Count });
            _values.Add(name, value);
            parameters.Add(value);
            TryTake(',');
        }

        Expect(':');
        var block = new Block { First = _function.Insts.Count, ParamCount = parameters.Count };
        while (Peek() != '\0')
        {
            switch (Word())
            {
                case "loop":
                    block.IsLoopHeader = true;
                    break;
                case "cold":
                    block.IsCold = true;
                    break;
                case "depth":
                    block.LoopDepth = (int)ParseNumber();
                    break;
                default:
                    throw Wrong("expected loop, cold or depth");
            }
        }

        block.ParamStart = _function.Lists.AddRange(parameters.ToArray());
        _function.Blocks[number] = block;
    }

    private void EndBlock(int block)
    {
        if (block >= 0)
        {
            _function.Blocks[block].End = _function.Insts.Count;
        }
    }

    private void ParseInst()
    {
        string word = Word();
        string? result = null;
        if (TryTake('='))
        {
            result = word;
            word = Word();
        }

        string[] parts = word.Split('.');
        if (TryVector(word, out Inst vector))
        {
            int made = AddInst(vector);
            _values.Add(result ?? throw Wrong("a vector operation makes a value"), made);
            ParseOperands(made, ref _function.Insts[made]);
            return;
        }

        if (!Ops.TryGetValue(parts[0], out Op op))
        {
            throw Wrong($"unknown operation {parts[0]}");
        }

        var inst = new Inst { Op = op };
        int number = AddInst(inst);
        if (result is not null)
        {
            _values.Add(result, number);
            inst.Type = op is Op.Compare or Op.FCompare ? SsaType.I32 : ParseType(parts[1]);
        }

        inst.Flags = op switch
        {
            Op.Compare => (byte)IntConditions[parts[1]],
            Op.FCompare => (byte)FloatConditions[parts[1]],
            _ when parts.Length > 2 => (byte)Enum.Parse<MemoryAccess>(parts[2], ignoreCase: true),
            _ => 0,
        };
        _function.Insts[number] = inst;
        ParseOperands(number, ref _function.Insts[number]);
    }

    private static bool TryVector(string word, out Inst inst)
    {
        bool found = Opcodes.TryParse(word, out Opcode opcode)
            && opcode.Feature() is WasmFeature.Simd or WasmFeature.RelaxedSimd && opcode.Effect() == OpcodeEffect.Pure
            && !opcode.Signature().Varies && opcode.Signature().PopCount > 0;
        inst = !found ? default : new Inst
        {
            Op = opcode.Signature().PopCount switch
            {
                1 => Op.VectorUnary,
                2 => Op.VectorBinary,
                _ => Op.VectorTernary,
            },
            Type = FunctionTranslator.SsaTypeOf(opcode.Signature().Push(ValType.I32)),
            D = (int)opcode,
        };
        return found;
    }

    private void ParseOperands(int number, ref Inst inst)
    {
        switch (inst.Op)
        {
            case Op.Const:
                ParseConst(ref inst);
                break;
            case Op.ConstVector:
                inst.A = _function.Vectors.Add(ParseVector());
                break;
            case Op.Load or Op.LoadAt or Op.Store or Op.StoreAt or Op.LoadContext or Op.StoreContext:
                ParseAccess(number, ref inst);
                break;
            case Op.ContextAddress:
                Expect('[');
                inst.C = (int)ParseNumber();
                Expect(']');
                break;
            case Op.TrapIf or Op.TrapUnless:
                Field(number, 0);
                Expect(',');
                inst.C = (int)Traps[Word()];
                break;
            case Op.Trap:
                inst.C = (int)Traps[Word()];
                break;
            case Op.CallResult:
                Field(number, 0);
                Expect(',');
                inst.B = (int)ParseNumber();
                break;
            case Op.Call or Op.CallImport or Op.TailCall or Op.TailCallImport:
                inst.A = Suffix(Word(), "func");
                ParseList(out inst.B, out inst.C);
                inst.D = Suffix(Word(), "type");
                break;
            case Op.CallRef or Op.TailCallRef:
                Field(number, 0);
                ParseList(out inst.B, out inst.C);
                inst.D = Suffix(Word(), "type");
                inst.Flags = (byte)ParseCallFlags();
                break;
            case Op.CallBuiltin:
                inst.A = inst.D = (int)Builtins[Word()];
                ParseList(out inst.B, out inst.C);
                break;
            case Op.Return:
                ParseList(out inst.B, out inst.C);
                break;
            case Op.Jump:
                inst.A = ParseEdge();
                break;
            case Op.Branch:
                Field(number, 0);
                Expect(',');
                inst.B = ParseEdge();
                Expect(',');
                inst.C = ParseEdge();
                break;
            case Op.BranchTable:
                Field(number, 0);
                inst.B = _function.Edges.Count;
                while (TryTake(','))
                {
                    ParseEdge();
                    inst.C++;
                }

                break;
            default:
                ParseValues(number, inst.Op);
                if (OpShape.IsVector(inst.Op))
                {
                    ParseImmediate(ref inst);
                }

                break;
        }
    }

    private void ParseImmediate(ref Inst inst)
    {
        ImmediateKind kind = ((Opcode)inst.D).Immediates();
        if (kind is ImmediateKind.Lane or ImmediateKind.Lanes)
        {
            Expect(',');
            inst.C = kind == ImmediateKind.Lane ? (int)ParseNumber() : _function.Vectors.Add(ParseVector());
        }
    }

    private UInt128 ParseVector() => UInt128.Parse(Word().AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private void ParseValues(int number, Op op)
    {
        OpUses uses = OpShape.UsesOf(op);
        for (int field = 0; field < 3; field++)
        {
            if (((int)uses & (1 << field)) != 0)
            {
                if (field > 0)
                {
                    Expect(',');
                }

                Field(number, field);
            }
        }
    }

    private void ParseConst(ref Inst inst)
    {
        string text = Word();
        long bits = text.StartsWith("0x", StringComparison.Ordinal)
            ? (long)ulong.Parse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
            : long.Parse(text, CultureInfo.InvariantCulture);
        inst.A = (int)bits;
        inst.B = inst.Type is SsaType.I32 or SsaType.F32 ? 0 : (int)(bits >> 32);
    }

    private void ParseAccess(int number, ref Inst inst)
    {
        if (!SsaText.TryRegion(Word(), out AliasRegion region))
        {
            throw Wrong("unknown alias region");
        }

        inst.D = region.Bits;
        Expect('[');
        if (inst.Op is Op.LoadContext or Op.StoreContext)
        {
            inst.C = (int)ParseNumber();
        }
        else
        {
            Field(number, 0);
            inst.C = TryTake('+') || Peek() == '-' ? (int)ParseNumber() : 0;
        }

        Expect(']');
        if (inst.Op is Op.Store or Op.StoreAt or Op.StoreContext)
        {
            Expect(',');
            Field(number, 1);
        }
    }

    private int ParseEdge()
    {
        int edge = _function.Edges.Add(default);
        string name = Word();
        if (!_blocks.TryGetValue(name, out int target))
        {
            throw Wrong($"no block {name}");
        }

        ParseList(out int start, out int count);
        _function.Edges[edge] = new Edge { Target = target, ArgStart = start, ArgCount = count };
        return edge;
    }

    private void ParseList(out int start, out int count)
    {
        Expect('(');
        start = _function.Lists.Count;
        while (!TryTake(')'))
        {
            _pendingLists.Add((_function.Lists.Add(0), Word()));
            TryTake(',');
        }

        count = _function.Lists.Count - start;
    }

    private CallFlags ParseCallFlags() => Peek() == '\0' ? CallFlags.None
        : Word() == SsaText.OwnContext ? CallFlags.SameContext
        : throw Wrong($"expected {SsaText.OwnContext}");

    private int AddInst(in Inst inst)
    {
        _function.SourceOffsets.Add(0);
        return _function.Insts.Add(inst);
    }

    private void Field(int inst, int field) => _pendingFields.Add((inst, field, Word()));

    private int Find(string name) =>
        _values.TryGetValue(name, out int value) ? value : throw new FormatException($"no value {name}");

    private static SsaType ParseType(string text) => Enum.Parse<SsaType>(text, ignoreCase: true);

    private long ParseNumber() => long.Parse(Word(), CultureInfo.InvariantCulture);

    private int Suffix(string word, string prefix) => word.StartsWith(prefix, StringComparison.Ordinal)
        ? int.Parse(word.AsSpan(prefix.Length), CultureInfo.InvariantCulture)
        : throw Wrong($"expected {prefix} and a number");

    private char Peek()
    {
        while (_at < _line.Length && _line[_at] == ' ')
        {
            _at++;
        }

        return _at < _line.Length ? _line[_at] : '\0';
    }

    private string Word()
    {
        Peek();
        int start = _at;
        while (_at < _line.Length && (char.IsLetterOrDigit(_line[_at]) || _line[_at] is '_' or '.' || (_line[_at] == '-' && _at == start)))
        {
            _at++;
        }

        return _at > start ? _line[start.._at] : throw Wrong("expected a word");
    }

    private bool TryTake(char c)
    {
        if (Peek() != c)
        {
            return false;
        }

        _at++;
        return true;
    }

    private void Expect(char c)
    {
        if (!TryTake(c))
        {
            throw Wrong($"expected '{c}'");
        }
    }

    private FormatException Wrong(string message) => new($"line {_lineNumber}, column {_at + 1}: {message}: {_line}");
}
