using Wisp.Abi;
using Wisp.Compiler.Ir;
using Wisp.Compiler.Machine;
using Wisp.Wasm.Model;

namespace Wisp.Compiler.X64;

// Calls, the function's own arguments and results, and the ends of blocks.
internal sealed partial class X64Selector
{
    private const int FrameHeader = 16;   // saved rbp and return address, between rbp and the arguments in memory

    private static readonly FunctionType[] BuiltinTypes =
    [
        new([ValType.I32, ValType.I64], [ValType.I64]),
        new([ValType.I32, ValType.I64, ValType.I32, ValType.I64], []),
        new([ValType.I32, ValType.I32, ValType.I64, ValType.I64, ValType.I64], []),
        new([ValType.I32, ValType.I32, ValType.I64, ValType.I32, ValType.I32], []),
        new([ValType.I32], []),
        new([ValType.I32, ValType.I64, ValType.I64], [ValType.I64]),
        new([ValType.I32, ValType.I64, ValType.I64, ValType.I64], []),
        new([ValType.I32, ValType.I32, ValType.I64, ValType.I64, ValType.I64], []),
        new([ValType.I32, ValType.I32, ValType.I64, ValType.I32, ValType.I32], []),
        new([ValType.I32], []),
        new([ValType.I32, ValType.I32], [ValType.I32]),
        new([ValType.I32, ValType.I64, ValType.I32], [ValType.I32]),
        new([ValType.I32, ValType.I64, ValType.I32, ValType.I64], [ValType.I32]),
        new([ValType.I32, ValType.I64, ValType.I64, ValType.I64], [ValType.I32]),
    ];

    private static readonly FunctionType CopyType = new([ValType.I64, ValType.I64, ValType.I64], []);
    private static readonly FunctionType FillType = new([ValType.I64, ValType.I32, ValType.I64], []);

    private CallingConvention ConventionOf(Builtin builtin) => Convention(builtin switch
    {
        Builtin.CopyBytes => CopyType,
        Builtin.FillBytes => FillType,
        _ => BuiltinTypes[(int)builtin],
    });

    private void SelectArguments(int block)
    {
        ReadOnlySpan<int> parameters = _ssa.Params(block);
        Begin(X64Op.Arguments);
        for (int i = 0; i < parameters.Length; i++)
        {
            if (_own.Arguments[i].Register is MachineRegister register)
            {
                Add(Operand.DefFixed(VregOf(parameters[i]), register));
            }
        }

        End();
        for (int i = 0; i < parameters.Length; i++)
        {
            if (_own.Arguments[i].Register is null && _useCounts[parameters[i]] > 0)
            {
                Begin(X64Op.LoadIncoming, BytesOf(_own.Arguments[i]));
                _inst.Displacement = FrameHeader + _own.Arguments[i].Offset;
                Define(parameters[i]);
            }
        }
    }

    private void SelectCall(int i, in Inst inst)
    {
        bool isStub = inst.Op == Op.CallBuiltin && inst.A >= (int)Builtin.CopyBytes;
        _machine.IsLeaf &= isStub;
        CallingConvention convention = inst.Op == Op.CallBuiltin
            ? ConventionOf((Builtin)inst.A)
            : Convention(_module.FunctionTypeAt(new TypeIndex(inst.D)));
        X64Op op = inst.Op switch
        {
            Op.Call => X64Op.Call,
            Op.CallImport => X64Op.CallImport,
            Op.CallRef => IsInSameContext(inst) ? X64Op.CallOwnReference : X64Op.CallReference,
            _ => X64Op.CallBuiltin,
        };
        int area = convention.ArgumentBytes + convention.ResultBytes;
        int reference = inst.Op == Op.CallRef ? Value(inst.A) : None;
        PassArguments(inst, convention, area);

        Begin(op, 8, 0, inst.A);
        _inst.Flags = MachineInstFlags.Call;
        SetCallee(inst, reference);
        AddFixedArguments(convention);
        for (int r = 0; r < convention.Results.Length; r++)
        {
            int value = ResultOf(i, r);
            ValueLocation location = convention.Results[r];
            if (location.Register is MachineRegister register)
            {
                Add(Operand.DefFixed(value == None ? NewVreg(ClassOf(location)) : VregOf(value), register));
            }
        }

        SetClobbers(CallClobbers);
        End();
        for (int r = 0; r < convention.Results.Length && convention.ResultBytes > 0; r++)
        {
            int value = ResultOf(i, r);
            ValueLocation location = convention.Results[r];
            if (location.Register is null && value != None && _useCounts[value] > 0)
            {
                Begin(X64Op.LoadOutgoing, BytesOf(location));
                _inst.Displacement = location.Offset;
                Define(value);
            }
        }

        AdjustStack(convention.ResultBytes);
    }

    private void SetCallee(in Inst inst, int reference)
    {
        if (inst.Op is Op.CallRef or Op.TailCallRef)
        {
            _machine.SavesContext |= !IsInSameContext(inst);
            Add(Operand.UseFixed(reference, MachineRegister.R10));
        }
        else if (inst.Op is Op.CallImport or Op.TailCallImport)
        {
            _machine.SavesContext = true;
            _inst.Displacement = _layout.ImportedFunction(new FuncIndex(inst.A));
        }
    }

    private static bool IsInSameContext(in Inst inst) => ((CallFlags)inst.Flags & CallFlags.SameContext) != 0;

    private static RegisterClass ClassOf(in ValueLocation location) => location.Type.Kind switch
    {
        ValueKind.F32 or ValueKind.F64 => RegisterClass.Float,
        ValueKind.V128 => RegisterClass.Vector,
        _ => RegisterClass.Integer,
    };

    // How much of a value in memory is read; all 8 bytes are written, or the 16 of a vector.
    private static int BytesOf(in ValueLocation location) => location.Type.Kind switch
    {
        ValueKind.I32 or ValueKind.F32 => 4,
        ValueKind.V128 => 16,
        _ => 8,
    };

    /// <summary>Makes all of a list of values, into <see cref="_values"/>.</summary>
    private void MakeValues(int start, int count)
    {
        _values.Clear();
        for (int i = 0; i < count; i++)
        {
            _values.Add(Value(_ssa.Lists[start + i]));
        }
    }

    private void PassArguments(in Inst inst, CallingConvention convention, int area)
    {
        MakeValues(inst.B, inst.C);
        AdjustStack(-area);
        for (int a = 0; a < inst.C && convention.ArgumentBytes > 0; a++)
        {
            if (convention.Arguments[a].Register is null)
            {
                Begin(X64Op.StoreOutgoing, convention.Arguments[a].Type.Kind == ValueKind.V128 ? 16 : 8);
                _inst.Displacement = convention.Arguments[a].Offset;
                Use(_values[a]);
                End();
            }
        }
    }

    private void AddFixedArguments(CallingConvention convention)
    {
        for (int a = 0; a < _values.Count; a++)
        {
            if (convention.Arguments[a].Register is MachineRegister register)
            {
                Add(Operand.UseFixed(_values[a], register));
            }
        }
    }

    private void AdjustStack(int bytes)
    {
        if (bytes != 0)
        {
            Begin(X64Op.AdjustStack, 8, 0, bytes);
            End();
        }
    }

    private int ResultOf(int call, int number)
    {
        if (number == 0)
        {
            return call;
        }

        for (int i = call + 1; i < _ssa.Insts.Count && _ssa.Insts[i].Op is Op.CallResult or Op.Nop; i++)
        {
            if (_ssa.Insts[i].Op == Op.CallResult && _ssa.Insts[i].A == call && _ssa.Insts[i].B == number)
            {
                return i;
            }
        }

        return None;
    }

    private void SelectTerminator(int i)
    {
        Inst inst = _ssa.Insts[i];
        switch (inst.Op)
        {
            case Op.Jump:
                AddEdge(inst.A);
                Begin(X64Op.Jump);
                _inst.Flags = MachineInstFlags.Terminator;
                End();
                break;
            case Op.Branch:
                SelectBranch(inst);
                break;
            case Op.BranchTable:
                {
                    int index = Value(inst.A);
                    for (int e = 0; e < inst.C; e++)
                    {
                        AddEdge(inst.B + e);
                    }

                    int temp = NewVreg(RegisterClass.Integer);
                    Begin(X64Op.JumpTable, 4, 0, inst.C);
                    _inst.Flags = MachineInstFlags.Terminator;
                    Add(Operand.Use(index));
                    Add(Operand.DefEarly(temp));
                    End();
                    break;
                }

            case Op.Return:
                SelectReturn(inst);
                break;
            case Op.Trap:
                Begin(X64Op.Trap);
                _inst.Flags = MachineInstFlags.Terminator;
                _inst.TrapCode = (byte)inst.C;
                End();
                break;
            default:
                SelectTailCall(inst);
                break;
        }
    }

    private void AddEdge(int edge)
    {
        Edge e = _ssa.Edges[edge];
        MakeValues(e.ArgStart, e.ArgCount);
        int start = _machine.Lists.AddRange(_values.Span);
        _machine.Edges.Add(new MachineEdge { Target = _machineBlocks[e.Target], ArgStart = start, ArgCount = e.ArgCount });
    }

    private void SelectReturn(in Inst inst)
    {
        MakeValues(inst.B, inst.C);
        for (int r = 0; r < _values.Count; r++)
        {
            if (_own.Results[r].Register is null)
            {
                Begin(X64Op.StoreResult, _own.Results[r].Type.Kind == ValueKind.V128 ? 16 : 8);
                _inst.Displacement = FrameHeader + _own.ArgumentBytes + _own.Results[r].Offset;
                Use(_values[r]);
                End();
            }
        }

        Begin(X64Op.Return, 8, 0, _own.ArgumentBytes);
        _inst.Flags = MachineInstFlags.Terminator;
        for (int r = 0; r < _values.Count; r++)
        {
            if (_own.Results[r].Register is MachineRegister register)
            {
                Add(Operand.UseFixed(_values[r], register));
            }
        }

        End();
    }

    private void SelectTailCall(in Inst inst)
    {
        _machine.IsLeaf = false;
        CallingConvention convention = Convention(_module.FunctionTypeAt(new TypeIndex(inst.D)));
        X64Op op = inst.Op switch
        {
            Op.TailCall => X64Op.TailCall,
            Op.TailCallImport => X64Op.TailCallImport,
            _ => IsInSameContext(inst) ? X64Op.TailCallOwnReference : X64Op.TailCallReference,
        };
        int reference = inst.Op == Op.TailCallRef ? Value(inst.A) : None;
        PassArguments(inst, convention, convention.ArgumentBytes + convention.ResultBytes);
        Begin(op);
        _inst.Flags = MachineInstFlags.Terminator | MachineInstFlags.Call;
        SetCallee(inst, reference);
        _inst.Immediate = TailCalls.Count;
        AddFixedArguments(convention);
        End();
        TailCalls.Add(new TailCallInfo(
            inst.Op == Op.TailCall ? inst.A : None, _own.ArgumentBytes, convention.ArgumentBytes, convention.ResultBytes));
    }

    /// <summary>A tail call: the function, and the bytes in memory of our arguments, of its arguments, and of its results.</summary>
    public readonly record struct TailCallInfo(int Function, int Own, int Arguments, int Results);

    /// <summary>The tail calls; the Immediate of the instruction is the index.</summary>
    public GrowableArray<TailCallInfo> TailCalls { get; } = new();
}
