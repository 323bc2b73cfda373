using Wisp.Abi;
using Wisp.Compiler.Ir;
using Wisp.Wasm.Model;

namespace Wisp.Compiler.Translation;

// Tables, and calls through them. Of a table that never changes the length is a number, what it holds is read-only, and what its
// element segments say of its functions need not be asked of each.
internal sealed partial class FunctionTranslator
{
    private int TableField(int table, int field)
    {
        var index = new TableIndex(table);
        int region = AliasRegion.TableRecord(table).Bits;
        if (table < _module.ImportedTableCount)
        {
            int pointer = Pure(Op.LoadContext, I64, c: _layout.ImportedTablePointer(index), d: AliasRegion.ReadOnly.Bits);
            return Emit(Op.LoadAt, I64, pointer, c: field, d: region);
        }

        int offset = _layout.OwnTable(index) + field;
        return _tables[table] is not { } constant ? Emit(Op.LoadContext, I64, c: offset, d: region)
            : field == VmLayout.TableRecordLength ? Const(I64, (long)constant.Length)
            : Pure(Op.LoadContext, I64, c: offset, d: AliasRegion.ReadOnly.Bits);
    }

    private int ElementAddress(int table, int index, TrapCode code)
    {
        int wide = ToSize(index, _module.Tables[table].Is64);
        int length = TableField(table, VmLayout.TableRecordLength);
        int inside = Pure(Op.Compare, I32, wide, length, flags: (int)IntCondition.LessUnsigned);
        TrapWhen(Op.TrapUnless, inside, code);
        return Pure(Op.Add, I64, TableField(table, VmLayout.TableRecordElements), Pure(Op.Shl, I64, wide, Const(I64, 3)));
    }

    // A constant table's elements are written before any code of the instance can run, so they are read-only to it.
    private int LoadElement(int table, int index, TrapCode code)
    {
        int address = ElementAddress(table, index, code);
        return _tables[table] is null
            ? Emit(Op.LoadAt, I64, address, d: AliasRegion.TableElements.Bits)
            : Pure(Op.LoadAt, I64, address, d: AliasRegion.ReadOnly.Bits);
    }

    private void TranslateCallIndirect(int table, TypeIndex type, bool isTail)
    {
        int index = Pop();
        if (_tables[table] is { } constant && TryConstant(index, out long at)
            && constant.TryCallee(_module.Tables[table].Is64 ? (ulong)at : (uint)at, type, out FuncIndex function))
        {
            CallDirectly(function, isTail);
            return;
        }

        int reference = IndirectCallee(table, index, type);
        CallFlags flags = _tables[table] is { HasOnlyOwn: true } ? CallFlags.SameContext : CallFlags.None;
        if (isTail)
        {
            TailCall(Op.TailCallRef, reference, type, flags);
        }
        else
        {
            Call(Op.CallRef, reference, type, flags);
        }
    }

    private int IndirectCallee(int table, int index, TypeIndex type)
    {
        ConstantTable? constant = _tables[table];
        int reference = LoadElement(table, index, TrapCode.UndefinedElement);
        if (constant is not { IsFull: true })
        {
            TrapIfNull(reference, TrapCode.IndirectCallToNull);
        }

        if (constant is null || !constant.HasOnly(type))
        {
            CheckType(reference, type);
        }

        return reference;
    }

    private void CheckType(int reference, TypeIndex type)
    {
        int actual = Pure(Op.LoadAt, I32, reference, c: VmLayout.FuncRefTypeId, d: AliasRegion.ReadOnly.Bits);
        int wanted = Pure(Op.LoadContext, I32, c: _layout.TypeId(type), d: AliasRegion.ReadOnly.Bits);
        if (_module.Types[type.Index].IsFinal)
        {
            int same = Pure(Op.Compare, I32, actual, wanted, flags: (int)IntCondition.Equal);
            TrapWhen(Op.TrapUnless, same, TrapCode.BadSignature);
        }
        else
        {
            int subtype = Builtin(Abi.Builtin.IsSubtype, I32, actual, wanted);
            TrapWhen(Op.TrapUnless, subtype, TrapCode.BadSignature);
        }
    }
}
