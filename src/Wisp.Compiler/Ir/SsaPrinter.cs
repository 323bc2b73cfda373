using System.Globalization;
using System.Text;
using Wisp.Abi;
using Wisp.Wasm.Binary;

namespace Wisp.Compiler.Ir;

/// <summary>Writes a function in the text form of SsaText. Equal functions give equal text, whatever their internal numbers.</summary>
internal sealed class SsaPrinter
{
    private readonly SsaFunction _function;
    private readonly StringBuilder _text = new();
    private readonly Dictionary<int, int> _values = [];
    private readonly Dictionary<int, int> _blocks = [];

    private SsaPrinter(SsaFunction function) => _function = function;

    public static string Print(SsaFunction function)
    {
        var printer = new SsaPrinter(function);
        for (int i = 0; i < function.Order.Count; i++)
        {
            printer._blocks[function.Order[i]] = i;
        }

        foreach (int block in function.Order.Span)
        {
            printer.NumberValues(block);
        }

        foreach (int block in function.Order.Span)
        {
            printer.PrintBlock(block);
        }

        return printer._text.ToString();
    }

    private void NumberValues(int block)
    {
        foreach (int param in _function.Params(block))
        {
            _values[param] = _values.Count;
        }

        Block b = _function.Blocks[block];
        for (int i = b.First; i < b.End; i++)
        {
            if (_function.Insts[i].Type != SsaType.None && _function.Insts[i].Op is not (Op.Param or Op.Nop))
            {
                _values[i] = _values.Count;
            }
        }
    }

    private void PrintBlock(int block)
    {
        Block b = _function.Blocks[block];
        _text.Append("block").Append(_blocks[block]).Append('(');
        string separator = "";
        foreach (int param in _function.Params(block))
        {
            _text.Append(separator).Append(Value(param)).Append(": ").Append(TypeName(_function.Insts[param].Type));
            separator = ", ";
        }

        _text.Append("):").Append(b.IsLoopHeader ? " loop" : "").Append(b.IsCold ? " cold" : "");
        if (b.LoopDepth > 0)
        {
            _text.Append(" depth ").Append(SsaText.Number(b.LoopDepth));
        }

        _text.Append('\n');
        for (int i = b.First; i < b.End; i++)
        {
            if (_function.Insts[i].Op is not (Op.Nop or Op.Param))
            {
                PrintInst(i);
            }
        }
    }

    private void PrintInst(int i)
    {
        Inst inst = _function.Insts[i];
        _text.Append("    ");
        if (inst.Type != SsaType.None)
        {
            _text.Append(Value(i)).Append(" = ");
        }

        _text.Append(OpShape.IsVector(inst.Op) ? ((Opcode)inst.D).Text() : SsaText.NameOf(inst.Op));
        if (inst.Op == Op.Compare)
        {
            _text.Append('.').Append(SsaText.NameOf((IntCondition)inst.Flags));
        }
        else if (inst.Op == Op.FCompare)
        {
            _text.Append('.').Append(SsaText.NameOf((FloatCondition)inst.Flags));
        }
        else if (inst.Type != SsaType.None && !OpShape.IsVector(inst.Op))
        {
            _text.Append('.').Append(TypeName(inst.Type));
        }

        PrintOperands(inst);
        _text.Append('\n');
    }

    private void PrintOperands(in Inst inst)
    {
        switch (inst.Op)
        {
            case Op.Const:
                _text.Append(' ').Append(ConstText(inst));
                break;
            case Op.ConstVector:
                _text.Append(CultureInfo.InvariantCulture, $" 0x{_function.Vectors[inst.A]:x32}");
                break;
            case Op.Load or Op.LoadAt or Op.Store or Op.StoreAt:
                PrintAccess(inst);
                _text.Append('[').Append(Value(inst.A)).Append(Offset(inst.Op is Op.Load or Op.Store ? (uint)inst.C : inst.C)).Append(']');
                PrintStored(inst);
                break;
            case Op.LoadContext or Op.StoreContext:
                PrintAccess(inst);
                _text.Append('[').Append(SsaText.Number(inst.C)).Append(']');
                PrintStored(inst);
                break;
            case Op.ContextAddress:
                _text.Append(" [").Append(SsaText.Number(inst.C)).Append(']');
                break;
            case Op.TrapIf or Op.TrapUnless:
                _text.Append(' ').Append(Value(inst.A)).Append(", ").Append(SsaText.NameOf((TrapCode)inst.C));
                break;
            case Op.Trap:
                _text.Append(' ').Append(SsaText.NameOf((TrapCode)inst.C));
                break;
            case Op.CallResult:
                _text.Append(' ').Append(Value(inst.A)).Append(", ").Append(SsaText.Number(inst.B));
                break;
            case Op.Call or Op.CallImport or Op.TailCall or Op.TailCallImport:
                _text.Append(" func").Append(SsaText.Number(inst.A));
                PrintCall(inst);
                break;
            case Op.CallRef or Op.TailCallRef:
                _text.Append(' ').Append(Value(inst.A));
                PrintCall(inst);
                break;
            case Op.CallBuiltin:
                _text.Append(' ').Append(SsaText.NameOf((Builtin)inst.A));
                PrintList(inst.B, inst.C);
                break;
            case Op.Return:
                PrintList(inst.B, inst.C);
                break;
            default:
                PrintValuesAndEdges(inst);
                break;
        }
    }

    private void PrintValuesAndEdges(in Inst inst)
    {
        OpUses uses = OpShape.UsesOf(inst.Op);
        string separator = " ";
        foreach ((OpUses flag, int value) in (ReadOnlySpan<(OpUses, int)>)[(OpUses.A, inst.A), (OpUses.B, inst.B), (OpUses.C, inst.C)])
        {
            if ((uses & flag) != 0)
            {
                _text.Append(separator).Append(Value(value));
                separator = ", ";
            }
        }

        if (OpShape.IsVector(inst.Op))
        {
            PrintImmediate(inst);
        }

        for (int e = 0; e < OpShape.EdgeCount(inst); e++)
        {
            Edge edge = _function.Edges[OpShape.EdgeOf(inst, e)];
            _text.Append(separator).Append("block").Append(_blocks.GetValueOrDefault(edge.Target, -1));
            PrintList(edge.ArgStart, edge.ArgCount);
            separator = ", ";
        }
    }

    private void PrintImmediate(in Inst inst)
    {
        switch (((Opcode)inst.D).Immediates())
        {
            case ImmediateKind.Lane:
                _text.Append(", ").Append(SsaText.Number(inst.C));
                break;
            case ImmediateKind.Lanes:
                _text.Append(CultureInfo.InvariantCulture, $", 0x{_function.Vectors[inst.C]:x32}");
                break;
            default:
                break;
        }
    }

    private void PrintAccess(in Inst inst)
    {
        SsaType stored = inst.Type == SsaType.None ? _function.Insts[inst.B].Type : SsaType.None;
        if (stored != SsaType.None)
        {
            _text.Append('.').Append(TypeName(stored));
        }

        if ((MemoryAccess)inst.Flags != MemoryAccess.Full)
        {
            _text.Append('.').Append(((MemoryAccess)inst.Flags).ToString().ToLowerInvariant());
        }

        _text.Append(' ').Append(SsaText.RegionName(new AliasRegion(inst.D))).Append(' ');
    }

    private void PrintStored(in Inst inst)
    {
        if (inst.Type == SsaType.None)
        {
            _text.Append(", ").Append(Value(inst.B));
        }
    }

    private void PrintCall(in Inst inst)
    {
        PrintList(inst.B, inst.C);
        _text.Append(" type").Append(SsaText.Number(inst.D));
        if (((CallFlags)inst.Flags).HasFlag(CallFlags.SameContext))
        {
            _text.Append(' ').Append(SsaText.OwnContext);
        }
    }

    private void PrintList(int start, int count)
    {
        _text.Append('(');
        for (int i = 0; i < count; i++)
        {
            _text.Append(i == 0 ? "" : ", ").Append(Value(_function.Lists[start + i]));
        }

        _text.Append(')');
    }

    private string Value(int value) => _values.TryGetValue(value, out int number)
        ? "v" + SsaText.Number(number)
        : "undefined" + SsaText.Number(value);

    private static string Offset(long offset) => offset switch
    {
        0 => "",
        > 0 => "+" + SsaText.Number(offset),
        _ => SsaText.Number(offset),
    };

    private static string TypeName(SsaType type) => type.ToString().ToLowerInvariant();

    // Floats by their bits: text must say which NaN, and which zero.
    private static string ConstText(in Inst inst) => inst.Type switch
    {
        SsaType.I32 => SsaText.Number(inst.A),
        SsaType.F32 => $"0x{inst.A:x8}",
        SsaType.F64 => $"0x{((ulong)(uint)inst.B << 32) | (uint)inst.A:x16}",
        _ => SsaText.Number((uint)inst.A | ((long)inst.B << 32)),
    };
}
