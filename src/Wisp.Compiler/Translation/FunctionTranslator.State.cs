using Wisp.Abi;
using Wisp.Compiler.Ir;
using Wisp.Wasm.Binary;
using Wisp.Wasm.Model;

namespace Wisp.Compiler.Translation;

// Globals, memories, references and calls; tables are in a part of their own.
internal sealed partial class FunctionTranslator
{
    private void TranslateStateful(ref Instruction instruction)
    {
        switch (instruction.Opcode)
        {
            case Opcode.GlobalGet:
                TranslateGlobalGet(new GlobalIndex(instruction.Index));
                break;
            case Opcode.GlobalSet:
                TranslateGlobalSet(new GlobalIndex(instruction.Index));
                break;
            case >= Opcode.I32Load and <= Opcode.I64Load32U:
                TranslateLoad(ref instruction);
                break;
            case >= Opcode.I32Store and <= Opcode.I64Store32:
                TranslateStore(ref instruction);
                break;
            case Opcode.MemorySize:
                {
                    int memory = instruction.Memory;
                    int bytes = MemoryField(memory, VmLayout.MemoryRecordLength);
                    int pages = Pure(Op.ShrU, I64, bytes, Const(I64, 16));
                    Push(FromSize(pages, _module.Memories[memory].Is64));
                    break;
                }

            case Opcode.MemoryGrow:
                {
                    bool is64 = _module.Memories[instruction.Memory].Is64;
                    int pages = ToSize(Pop(), is64);
                    Push(FromSize(Builtin(Abi.Builtin.MemoryGrow, I64, Const(I32, instruction.Memory), pages), is64));
                    break;
                }

            case Opcode.MemoryFill:
                TranslateMemoryFill(instruction.Memory);
                break;
            case Opcode.MemoryCopy:
                TranslateMemoryCopy(instruction.Memory, instruction.Index2);
                break;
            case Opcode.MemoryInit:
                {
                    int count = Pop();
                    int from = Pop();
                    int to = ToSize(Pop(), _module.Memories[instruction.Memory].Is64);
                    Builtin(
                        Abi.Builtin.MemoryInit, SsaType.None, Const(I32, instruction.Memory), Const(I32, instruction.Index), to, from, count);
                    break;
                }

            case Opcode.DataDrop:
                Builtin(Abi.Builtin.DataDrop, SsaType.None, Const(I32, instruction.Index));
                break;
            case Opcode.ElemDrop:
                Builtin(Abi.Builtin.ElementDrop, SsaType.None, Const(I32, instruction.Index));
                break;
            case Opcode.TableGet:
                Push(LoadElement(instruction.Index, Pop(), TrapCode.TableOutOfBounds));
                break;
            case Opcode.TableSet:
                {
                    int value = Pop();
                    Emit(Op.StoreAt, SsaType.None, ElementAddress(instruction.Index, Pop(), TrapCode.TableOutOfBounds), value, d: AliasRegion.TableElements.Bits);
                    break;
                }

            case Opcode.TableSize:
                Push(FromSize(TableField(instruction.Index, VmLayout.TableRecordLength), _module.Tables[instruction.Index].Is64));
                break;
            case Opcode.TableGrow:
                {
                    bool is64 = _module.Tables[instruction.Index].Is64;
                    int count = ToSize(Pop(), is64);
                    int value = Pop();
                    Push(FromSize(Builtin(Abi.Builtin.TableGrow, I64, Const(I32, instruction.Index), value, count), is64));
                    break;
                }

            case Opcode.TableFill:
                {
                    bool is64 = _module.Tables[instruction.Index].Is64;
                    int count = ToSize(Pop(), is64);
                    int value = Pop();
                    int at = ToSize(Pop(), is64);
                    Builtin(Abi.Builtin.TableFill, SsaType.None, Const(I32, instruction.Index), at, value, count);
                    break;
                }

            case Opcode.TableCopy:
                {
                    bool to64 = _module.Tables[instruction.Index].Is64;
                    bool from64 = _module.Tables[instruction.Index2].Is64;
                    int count = ToSize(Pop(), to64 && from64);
                    int from = ToSize(Pop(), from64);
                    int to = ToSize(Pop(), to64);
                    Builtin(
                        Abi.Builtin.TableCopy, SsaType.None, Const(I32, instruction.Index), Const(I32, instruction.Index2), to, from, count);
                    break;
                }

            case Opcode.TableInit:
                {
                    int count = Pop();
                    int from = Pop();
                    int to = ToSize(Pop(), _module.Tables[instruction.Index2].Is64);
                    Builtin(
                        Abi.Builtin.TableInit, SsaType.None, Const(I32, instruction.Index2), Const(I32, instruction.Index), to, from, count);
                    break;
                }

            case Opcode.RefNull:
                Push(Const(I64, 0));
                break;
            case Opcode.RefIsNull:
                Unary(Op.IsZero, I32);
                break;
            case Opcode.RefEq:
                Binary(Op.Compare, I32, (int)IntCondition.Equal);
                break;
            case Opcode.RefFunc:
                Push(FunctionReference(new FuncIndex(instruction.Index)));
                break;
            case Opcode.RefAsNonNull:
                TrapIfNull(_stack[^1], TrapCode.NullReference);
                break;
            case Opcode.BrOnNull:
                {
                    int reference = Pop();
                    TranslateBranchIf(instruction.Index, Pure(Op.IsZero, I32, reference), whenTrue: true);
                    Push(reference);
                    break;
                }

            case Opcode.BrOnNonNull:
                {
                    int isNull = Pure(Op.IsZero, I32, _stack[^1]);
                    TranslateBranchIf(instruction.Index, isNull, whenTrue: false);
                    Pop();
                    break;
                }

            default:
                TranslateCallLike(ref instruction);
                break;
        }
    }

    private int ToSize(int value, bool is64) => is64 ? value : Pure(Op.ZeroExtend, I64, value);

    private int FromSize(int value, bool is64) => is64 ? value : Pure(Op.Wrap, I32, value);

    private int Builtin(Builtin builtin, SsaType result, params ReadOnlySpan<int> arguments)
    {
        int start = _ssa.Lists.AddRange(arguments);
        return Emit(Op.CallBuiltin, result, (int)builtin, start, arguments.Length, (int)builtin);
    }

    private void TrapIfNull(int reference, TrapCode code) =>
        TrapWhen(Op.TrapIf, Pure(Op.IsZero, I32, reference), code);

    private int FunctionReference(FuncIndex function) => function.Index < _module.ImportedFunctionCount
        ? Pure(Op.LoadContext, I64, c: _layout.ImportedFunction(function), d: AliasRegion.ReadOnly.Bits)
        : Pure(Op.ContextAddress, I64, c: _layout.FuncRef(function));

    // ---- globals ----

    private void TranslateGlobalGet(GlobalIndex global)
    {
        GlobalType declared = _module.Globals[global.Index];
        SsaType type = SsaTypeOf(declared.Type);
        if (global.Index < _module.ImportedGlobalCount)
        {
            int pointer = Pure(Op.LoadContext, I64, c: _layout.ImportedGlobalPointer(global), d: AliasRegion.ReadOnly.Bits);
            AliasRegion region = declared.IsMutable ? AliasRegion.ImportedGlobals : AliasRegion.ReadOnly;
            Push(Emit(Op.LoadAt, type, pointer, d: region.Bits));
        }
        else
        {
            Push(Emit(Op.LoadContext, type, c: _layout.OwnGlobal(global), d: AliasRegion.Global(global.Index).Bits));
        }
    }

    private void TranslateGlobalSet(GlobalIndex global)
    {
        int value = Pop();
        if (global.Index < _module.ImportedGlobalCount)
        {
            int pointer = Pure(Op.LoadContext, I64, c: _layout.ImportedGlobalPointer(global), d: AliasRegion.ReadOnly.Bits);
            Emit(Op.StoreAt, SsaType.None, pointer, value, d: AliasRegion.ImportedGlobals.Bits);
        }
        else
        {
            Emit(Op.StoreContext, SsaType.None, 0, value, _layout.OwnGlobal(global), AliasRegion.Global(global.Index).Bits);
        }
    }

    // ---- memories ----

    private int MemoryField(int memory, int field)
    {
        var index = new MemoryIndex(memory);
        // Where a guard stands behind it, a memory never moves (VmLayout 3).
        bool isFixed = field == VmLayout.MemoryRecordBase && _options.Bounds == BoundsMode.Guarded && !_module.Memories[memory].Is64;
        int region = isFixed ? AliasRegion.ReadOnly.Bits : AliasRegion.MemoryRecord(memory).Bits;
        if (memory < _module.ImportedMemoryCount)
        {
            int pointer = Pure(Op.LoadContext, I64, c: _layout.ImportedMemoryPointer(index), d: AliasRegion.ReadOnly.Bits);
            return Emit(Op.LoadAt, I64, pointer, c: field, d: region);
        }

        return Emit(Op.LoadContext, I64, c: _layout.OwnMemory(index) + field, d: region);
    }

    // Two imported memories may be one memory, so they share a region.
    private int MemoryRegion(int memory) => AliasRegion.Memory(memory < _module.ImportedMemoryCount ? 0 : memory).Bits;

    private static (MemoryAccess Access, int Bytes, SsaType Type) AccessOf(Opcode opcode) => opcode switch
    {
        Opcode.I32Load or Opcode.I32Store => (MemoryAccess.Full, 4, I32),
        Opcode.I64Load or Opcode.I64Store => (MemoryAccess.Full, 8, I64),
        Opcode.F32Load or Opcode.F32Store => (MemoryAccess.Full, 4, F32),
        Opcode.F64Load or Opcode.F64Store => (MemoryAccess.Full, 8, F64),
        Opcode.I32Load8S => (MemoryAccess.S8, 1, I32),
        Opcode.I32Load8U => (MemoryAccess.U8, 1, I32),
        Opcode.I32Load16S => (MemoryAccess.S16, 2, I32),
        Opcode.I32Load16U => (MemoryAccess.U16, 2, I32),
        Opcode.I64Load8S => (MemoryAccess.S8, 1, I64),
        Opcode.I64Load8U => (MemoryAccess.U8, 1, I64),
        Opcode.I64Load16S => (MemoryAccess.S16, 2, I64),
        Opcode.I64Load16U => (MemoryAccess.U16, 2, I64),
        Opcode.I64Load32S => (MemoryAccess.S32, 4, I64),
        Opcode.I64Load32U => (MemoryAccess.U32, 4, I64),
        Opcode.I32Store8 or Opcode.I64Store8 => (MemoryAccess.U8, 1, I32),
        Opcode.I32Store16 or Opcode.I64Store16 => (MemoryAccess.U16, 2, I32),
        _ => (MemoryAccess.U32, 4, I64),
    };

    private void TranslateLoad(ref Instruction instruction)
    {
        (MemoryAccess access, int bytes, SsaType type) = AccessOf(instruction.Opcode);
        Push(EmitLoad(instruction, Pop(), type, access, bytes));
    }

    private int EmitLoad(in Instruction instruction, int index, SsaType type, MemoryAccess access, int bytes)
    {
        int region = MemoryRegion(instruction.Memory);
        return TryAddress(instruction.Memory, index, instruction.Bits, bytes, out int address)
            ? Emit(Op.Load, type, address, c: (int)(uint)instruction.Bits, d: region, flags: (int)access)
            : Emit(Op.LoadAt, type, address, d: region, flags: (int)access);
    }

    private void TranslateStore(ref Instruction instruction)
    {
        (MemoryAccess access, int bytes, _) = AccessOf(instruction.Opcode);
        int value = Pop();
        EmitStore(instruction, Pop(), value, access, bytes);
    }

    private void EmitStore(in Instruction instruction, int index, int value, MemoryAccess access, int bytes)
    {
        int region = MemoryRegion(instruction.Memory);
        if (TryAddress(instruction.Memory, index, instruction.Bits, bytes, out int address))
        {
            Emit(Op.Store, SsaType.None, address, value, (int)(uint)instruction.Bits, region, (int)access);
        }
        else
        {
            Emit(Op.StoreAt, SsaType.None, address, value, 0, region, (int)access);
        }
    }

    /// <summary>
    /// True: the access may address memory 0 relative to r15, and the guard catches what is outside. False: the access was checked
    /// here, and <paramref name="address"/> is its native address.
    /// </summary>
    private bool TryAddress(int memory, int index, ulong offset, int bytes, out int address)
    {
        MemoryType type = _module.Memories[memory];
        bool isGuarded = _options.Bounds == BoundsMode.Guarded && !type.Is64;
        bool isInSlot = memory == 0 && _module.ImportedMemoryCount == 0;
        bool isNear = offset + (ulong)bytes <= (ulong)VmLayout.GuardBytes;
        address = index;
        if (isGuarded && isNear)
        {
            if (isInSlot)
            {
                return true;
            }

            address = Pure(Op.Add, I64, MemoryField(memory, VmLayout.MemoryRecordBase), Pure(Op.ZeroExtend, I64, index));
            if (offset != 0)
            {
                address = Pure(Op.Add, I64, address, Const(I64, (long)offset));
            }

            return false;
        }

        // index + offset + bytes <= length, without wrapping: length - (offset + bytes) >= index, where offset + bytes <= length.
        int length = MemoryField(memory, VmLayout.MemoryRecordLength);
        ulong end = offset + (ulong)bytes;
        bool wraps = end < offset;
        int last = Const(I64, (long)end);
        if (wraps)
        {
            TrapWhen(Op.TrapUnless, Const(I32, 0), TrapCode.MemoryOutOfBounds);
        }

        TrapWhen(Op.TrapUnless, Pure(Op.Compare, I32, length, last, flags: (int)IntCondition.GreaterOrEqualUnsigned), TrapCode.MemoryOutOfBounds);
        int wide = ToSize(index, type.Is64);
        int room = Pure(Op.Sub, I64, length, last);
        TrapWhen(Op.TrapUnless, Pure(Op.Compare, I32, wide, room, flags: (int)IntCondition.LessOrEqualUnsigned), TrapCode.MemoryOutOfBounds);
        address = Pure(Op.Add, I64, MemoryField(memory, VmLayout.MemoryRecordBase), wide);
        if (offset != 0)
        {
            address = Pure(Op.Add, I64, address, Const(I64, (long)offset));
        }

        return false;
    }

    // ---- calls ----

    private void TranslateCallLike(ref Instruction instruction)
    {
        switch (instruction.Opcode)
        {
            case Opcode.Call or Opcode.ReturnCall:
                CallDirectly(new FuncIndex(instruction.Index), instruction.Opcode == Opcode.ReturnCall);
                break;
            case Opcode.CallIndirect or Opcode.ReturnCallIndirect:
                TranslateCallIndirect(instruction.Index2, new TypeIndex(instruction.Index), instruction.Opcode == Opcode.ReturnCallIndirect);
                break;
            case Opcode.CallRef or Opcode.ReturnCallRef:
                {
                    int reference = Pop();
                    TrapIfNull(reference, TrapCode.NullReference);
                    var type = new TypeIndex(instruction.Index);
                    if (instruction.Opcode == Opcode.CallRef)
                    {
                        Call(Op.CallRef, reference, type);
                    }
                    else
                    {
                        TailCall(Op.TailCallRef, reference, type);
                    }

                    break;
                }

            default:
                throw UnsupportedFeatureException.Of(instruction);
        }
    }

    private void CallDirectly(FuncIndex function, bool isTail)
    {
        bool isImport = function.Index < _module.ImportedFunctionCount;
        TypeIndex type = _module.Functions[function.Index];
        if (isTail)
        {
            TailCall(isImport ? Op.TailCallImport : Op.TailCall, function.Index, type);
        }
        else
        {
            Call(isImport ? Op.CallImport : Op.Call, function.Index, type);
        }
    }

    private void Call(Op op, int callee, TypeIndex type, CallFlags flags = CallFlags.None)
    {
        FunctionType signature = _module.FunctionTypeAt(type);
        int start = PopList(signature.Parameters.Length);
        SsaType first = signature.Results.Length > 0 ? SsaTypeOf(signature.Results[0]) : SsaType.None;
        int call = Emit(op, first, callee, start, signature.Parameters.Length, type.Index, (int)flags);
        if (signature.Results.Length > 0)
        {
            Push(call);
        }

        for (int i = 1; i < signature.Results.Length; i++)
        {
            Push(Emit(Op.CallResult, SsaTypeOf(signature.Results[i]), call, i));
        }
    }

    private void TailCall(Op op, int callee, TypeIndex type, CallFlags flags = CallFlags.None)
    {
        FunctionType signature = _module.FunctionTypeAt(type);
        int start = PopList(signature.Parameters.Length);
        Terminate(op, callee, start, signature.Parameters.Length, type.Index, (int)flags);
    }
}
