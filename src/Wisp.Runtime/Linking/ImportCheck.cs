using System.Diagnostics.CodeAnalysis;
using Wisp.Stacks;
using Wisp.Wasm.Model;

namespace Wisp.Linking;

/// <summary>Whether what was found for an import may stand for it.</summary>
/// <remarks>Source: <see href="https://webassembly.github.io/spec/core/valid/matching.html">matching of external types</see>.</remarks>
internal static class ImportCheck
{
    /// <exception cref="LinkException">It may not.</exception>
    public static void Check(Store store, Module module, Import import, object item)
    {
        if (item is Extern external && external.Store != store)
        {
            throw new LinkException($"incompatible import type: {NameOf(import)} belongs to another store");
        }

        switch (import.Kind, item)
        {
            case (ExternKind.Function, HostBinding binding):
                CheckFunction(module, import, binding.TypeId, binding.Type);
                break;
            case (ExternKind.Function, Function function):
                CheckFunction(module, import, function.TypeId, function.Type);
                break;
            case (ExternKind.Table, Table table):
                CheckTable(module, import, table);
                break;
            case (ExternKind.Memory, Memory memory):
                CheckMemory(module, import, memory);
                break;
            case (ExternKind.Global, Global global):
                CheckGlobal(module, import, global);
                break;
            case (ExternKind.Tag, Tag tag):
                if (tag.TypeId != module.Space.IdOf(module.Definition.Tags[import.Index].Type))
                {
                    Mismatch(import, "a tag of another type");
                }

                break;
            default:
                Mismatch(import, $"a {(item is Extern other ? other.Kind : ExternKind.Function)} where a {import.Kind} is wanted");
                break;
        }
    }

    /// <summary>An import's name for messages; it comes from the guest and is cut and escaped.</summary>
    public static string NameOf(Import import) => $"\"{Escape(import.Module)}\" \"{Escape(import.Name)}\"";

    private static void CheckFunction(Module module, Import import, uint typeId, FunctionType type)
    {
        TypeIndex wanted = module.Definition.Functions[import.Index];
        if (!module.Engine.Types.IsSubtype(typeId, module.Space.IdOf(wanted)))
        {
            Mismatch(import, $"{TypeText.Of(type)} where {TypeText.Of(module.Definition.FunctionTypeAt(wanted))} is wanted");
        }
    }

    private static void CheckTable(Module module, Import import, Table table)
    {
        TableType wanted = module.Definition.Tables[import.Index];
        TableType actual = table.CurrentType;
        if (actual.Is64 != wanted.Is64 || !Fits(actual.Limits, wanted.Limits)
            || !TypeSpace.AreEqual(actual.Element, table.Space, wanted.Element, module.Space, module.Engine.Types))
        {
            Mismatch(import, $"a table {TypeText.Of(actual.Limits)} {TypeText.Of(actual.Element)} where "
                + $"{TypeText.Of(wanted.Limits)} {TypeText.Of(wanted.Element)} is wanted");
        }
    }

    private static void CheckMemory(Module module, Import import, Memory memory)
    {
        MemoryType wanted = module.Definition.Memories[import.Index];
        MemoryType actual = memory.CurrentType;
        if (actual.Is64 != wanted.Is64 || actual.IsShared != wanted.IsShared || !Fits(actual.Limits, wanted.Limits))
        {
            Mismatch(import, $"a memory {TypeText.Of(actual.Limits)} where {TypeText.Of(wanted.Limits)} is wanted");
        }
    }

    private static void CheckGlobal(Module module, Import import, Global global)
    {
        GlobalType wanted = module.Definition.Globals[import.Index];
        GlobalType actual = global.Type;

        // A mutable global is read and written, so its type must be the same; an immutable one may be a subtype.
        bool fits = actual.IsMutable == wanted.IsMutable && (wanted.IsMutable
            ? TypeSpace.AreEqual(actual.Type, global.Space, wanted.Type, module.Space, module.Engine.Types)
            : TypeSpace.Matches(actual.Type, global.Space, wanted.Type, module.Space, module.Engine.Types));
        if (!fits)
        {
            Mismatch(import, $"a global {Text(actual)} where {Text(wanted)} is wanted");
        }
    }

    private static bool Fits(Limits actual, Limits wanted) => actual.Minimum >= wanted.Minimum
        && (wanted.Maximum is not { } maximum || (actual.Maximum is { } actualMaximum && actualMaximum <= maximum));

    private static string Text(GlobalType type) => type.IsMutable ? $"(mut {TypeText.Of(type.Type)})" : TypeText.Of(type.Type);

    private static string Escape(string name)
    {
        const int MaxLength = 200;
        string cut = name.Length <= MaxLength ? name : name[..MaxLength] + "...";
        return string.Concat(cut.Select(static c => char.IsControl(c) || c is '"' or '\\' ? $"\\u{{{(int)c:x}}}" : c.ToString()));
    }

    [DoesNotReturn]
    private static void Mismatch(Import import, string why) =>
        throw new LinkException($"incompatible import type: {NameOf(import)} is {why}");
}
