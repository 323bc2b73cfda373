using Wisp.Wasm.Model;

namespace Wisp.Wasm.Validation;

/// <summary>The rules for everything in a module but function bodies.</summary>
/// <remarks>Source: <see href="https://webassembly.github.io/spec/core/valid/modules.html">modules</see>.</remarks>
internal static class ModuleRules
{
    private const ulong MaxPages = 1UL << 16;
    private const ulong MaxPages64 = 1UL << 48;
    private const int NoOffset = -1;

    public static ModuleContext Check(WasmModule module)
    {
        ModuleContext context = TypeRules.Check(module);
        CheckFunctions(context);
        CheckMemories(module);
        CheckTags(context);
        CheckTypes(module);

        // From here on types are compared, so every one that an entity has must exist.
        var constants = new FunctionValidator(context);
        CheckTables(module, constants);
        CheckGlobals(module, constants);
        CheckElements(context, constants);
        CheckData(module, constants);
        CheckExports(context);
        CheckStart(context);
        return context;
    }

    private static void CheckFunctions(ModuleContext context)
    {
        foreach (TypeIndex type in context.Module.Functions)
        {
            CheckFunctionType(context, type);
        }
    }

    private static void CheckFunctionType(ModuleContext context, TypeIndex type)
    {
        if ((uint)type.Index >= (uint)context.Module.Types.Length)
        {
            Invalid.Unknown("type", type.Index, NoOffset);
        }

        if (!context.IsFunctionType(type.Index))
        {
            Invalid.TypeMismatch($"type {type.Index} is not a function type", NoOffset);
        }
    }

    private static void CheckMemories(WasmModule module)
    {
        foreach (MemoryType memory in module.Memories)
        {
            ulong most = memory.Is64 ? MaxPages64 : MaxPages;
            if (memory.Limits.Minimum > most || memory.Limits.Maximum > most)
            {
                Invalid.Because(
                    memory.Is64 ? "memory size must be at most 2**48 pages" : "memory size must be at most 65536 pages (4GiB)",
                    NoOffset);
            }

            CheckOrder(memory.Limits);
            if (memory.IsShared && memory.Limits.Maximum is null)
            {
                Invalid.Because("shared memory must have maximum", NoOffset);
            }
        }
    }

    private static void CheckOrder(Limits limits)
    {
        if (limits.Maximum < limits.Minimum)
        {
            Invalid.Because(
                $"size minimum must not be greater than maximum: {limits.Minimum} and {limits.Maximum}", NoOffset);
        }
    }

    private static void CheckTags(ModuleContext context)
    {
        foreach (TagType tag in context.Module.Tags)
        {
            CheckFunctionType(context, tag.Type);
            if (context.Results(tag.Type.Index).Length > 0)
            {
                Invalid.Because("non-empty tag result type", NoOffset);
            }
        }
    }

    private static void CheckTypes(WasmModule module)
    {
        foreach (TableType table in module.Tables)
        {
            TypeRules.CheckKnown(table.Element, module.Types.Length);
        }

        foreach (GlobalType global in module.Globals)
        {
            TypeRules.CheckKnown(global.Type, module.Types.Length);
        }

        foreach (ElementSegment segment in module.Elements)
        {
            TypeRules.CheckKnown(segment.Type, module.Types.Length);
        }
    }

    private static void CheckTables(WasmModule module, FunctionValidator constants)
    {
        for (int i = 0; i < module.Tables.Length; i++)
        {
            TableType table = module.Tables[i];
            if (!table.Is64 && (table.Limits.Minimum > uint.MaxValue || table.Limits.Maximum > uint.MaxValue))
            {
                Invalid.Because("table size must be at most 2**32 - 1", NoOffset);
            }

            CheckOrder(table.Limits);
            int own = i - module.ImportedTableCount;
            if (own < 0)
            {
                continue;
            }

            if (module.TableInitializers[own] is { } initializer)
            {
                constants.ValidateConstant(initializer, OperandType.From(table.Element), module.ImportedGlobalCount);
            }
            else if (!table.Element.IsDefaultable)
            {
                Invalid.TypeMismatch(
                    $"table {i} of {OperandType.From(table.Element)} needs an initial value", NoOffset);
            }
        }
    }

    private static void CheckGlobals(WasmModule module, FunctionValidator constants)
    {
        for (int i = 0; i < module.Globals.Length; i++)
        {
            GlobalType global = module.Globals[i];
            int own = i - module.ImportedGlobalCount;
            if (own >= 0)
            {
                // It may read the globals before it.
                constants.ValidateConstant(module.GlobalInitializers[own], OperandType.From(global.Type), i);
            }
        }
    }

    private static void CheckElements(ModuleContext context, FunctionValidator constants)
    {
        WasmModule module = context.Module;
        foreach (ElementSegment segment in module.Elements)
        {
            OperandType type = OperandType.From(segment.Type);
            foreach (FuncIndex function in segment.Functions ?? [])
            {
                Declare(context, function.Index);
            }

            foreach (ConstantExpression expression in segment.Expressions ?? [])
            {
                constants.ValidateConstant(expression, type, module.Globals.Length);
            }

            if (segment.Mode == SegmentMode.Active)
            {
                CheckActive(context, segment, type, constants);
            }
        }
    }

    private static void CheckActive(
        ModuleContext context, ElementSegment segment, OperandType type, FunctionValidator constants)
    {
        WasmModule module = context.Module;
        if ((uint)segment.Table.Index >= (uint)module.Tables.Length)
        {
            Invalid.Unknown("table", segment.Table.Index, segment.Offset.Offset);
        }

        TableType table = module.Tables[segment.Table.Index];
        if (!context.IsSubtype(type, OperandType.From(table.Element)))
        {
            Invalid.TypeMismatch(
                $"elements of {type} for a table of {OperandType.From(table.Element)}", segment.Offset.Offset);
        }

        constants.ValidateConstant(
            segment.Offset, table.Is64 ? OperandType.I64 : OperandType.I32, module.Globals.Length);
    }

    private static void CheckData(WasmModule module, FunctionValidator constants)
    {
        foreach (DataSegment segment in module.Data)
        {
            if (segment.Mode != SegmentMode.Active)
            {
                continue;
            }

            if ((uint)segment.Memory.Index >= (uint)module.Memories.Length)
            {
                Invalid.Unknown("memory", segment.Memory.Index, segment.Offset.Offset);
            }

            bool is64 = module.Memories[segment.Memory.Index].Is64;
            constants.ValidateConstant(segment.Offset, is64 ? OperandType.I64 : OperandType.I32, module.Globals.Length);
        }
    }

    private static void CheckExports(ModuleContext context)
    {
        WasmModule module = context.Module;
        var names = new HashSet<string>(module.Exports.Length);
        foreach (Export export in module.Exports)
        {
            (string space, int count) = export.Kind switch
            {
                ExternKind.Function => ("function", module.Functions.Length),
                ExternKind.Table => ("table", module.Tables.Length),
                ExternKind.Memory => ("memory", module.Memories.Length),
                ExternKind.Global => ("global", module.Globals.Length),
                _ => ("tag", module.Tags.Length),
            };
            if ((uint)export.Index >= (uint)count)
            {
                Invalid.Unknown(space, export.Index, NoOffset);
            }

            if (!names.Add(export.Name))
            {
                Invalid.Because($"duplicate export name \"{Invalid.Quoted(export.Name)}\"", NoOffset);
            }

            if (export.Kind == ExternKind.Function)
            {
                Declare(context, export.Index);
            }
        }
    }

    private static void Declare(ModuleContext context, int function)
    {
        if ((uint)function >= (uint)context.Declared.Length)
        {
            Invalid.Unknown("function", function, NoOffset);
        }

        context.Declared[function] = true;
    }

    private static void CheckStart(ModuleContext context)
    {
        if (context.Module.Start is not { } start)
        {
            return;
        }

        if ((uint)start.Index >= (uint)context.Module.Functions.Length)
        {
            Invalid.Unknown("function", start.Index, NoOffset);
        }

        int type = context.Module.Functions[start.Index].Index;
        if (context.Parameters(type).Length > 0 || context.Results(type).Length > 0)
        {
            Invalid.Because($"start function {start.Index} must have no parameters and no results", NoOffset);
        }
    }
}
