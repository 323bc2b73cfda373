using System.Text;

namespace Wisp.Wasm.Text;

// Name section   https://webassembly.github.io/spec/core/appendix/custom.html#name-section
//   0 module, 1 functions, 2 locals; the rest is the extended-name-section proposal, which tools read as well:
//   4 types, 5 tables, 6 memories, 7 globals, 8 element segments, 9 data segments, 10 fields, 11 tags

/// <summary>Writes the identifiers of a text module as its name section.</summary>
internal sealed class NameSectionWriter(
    SymbolTable symbols, ModuleScope scope, List<(int Function, List<int> Symbols)> localNames)
{
    private readonly WasmWriter _section = new();

    /// <summary>Writes the section's contents.</summary>
    /// <param name="moduleSymbol">The module's identifier, or -1.</param>
    /// <returns>The contents with the section's name, or nothing if there are no identifiers.</returns>
    public byte[] Write(int moduleSymbol)
    {
        if (moduleSymbol >= 0)
        {
            var name = new WasmWriter();
            name.Vector(Encoding.UTF8.GetBytes(symbols[moduleSymbol]));
            Subsection(0, name);
        }

        Map(1, scope.Functions.Symbols);
        IndirectMap(2, localNames);
        Map(4, scope.Types.Symbols);
        Map(5, scope.Tables.Symbols);
        Map(6, scope.Memories.Symbols);
        Map(7, scope.Globals.Symbols);
        Map(8, scope.Elements.Symbols);
        Map(9, scope.Data.Symbols);
        IndirectMap(10, FieldNames());
        Map(11, scope.Tags.Symbols);
        if (_section.Length == 0)
        {
            return [];
        }

        var all = new WasmWriter();
        all.Vector("name"u8);
        all.Bytes(_section.Written);
        return all.Written.ToArray();
    }

    private List<(int Type, List<int> Symbols)> FieldNames()
    {
        var fields = new List<(int, List<int>)>();
        for (int type = 0; type < scope.TypeTable.Count; type++)
        {
            if (scope.TypeTable.FieldNamesOf(type) is { } names)
            {
                var list = Enumerable.Repeat(-1, names.Values.Max() + 1).ToList();
                foreach ((int symbol, int field) in names)
                {
                    list[field] = symbol;
                }

                fields.Add((type, list));
            }
        }

        return fields;
    }

    private void Map(int id, IReadOnlyList<int> names)
    {
        var map = new WasmWriter();
        if (WriteMap(map, names))
        {
            Subsection(id, map);
        }
    }

    private void IndirectMap(int id, List<(int Index, List<int> Symbols)> entries)
    {
        var maps = new WasmWriter();
        int count = 0;
        foreach ((int index, List<int> names) in entries)
        {
            var map = new WasmWriter();
            if (WriteMap(map, names))
            {
                maps.Unsigned((ulong)index);
                maps.Bytes(map.Written);
                count++;
            }
        }

        if (count > 0)
        {
            var all = new WasmWriter();
            all.Unsigned((ulong)count);
            all.Bytes(maps.Written);
            Subsection(id, all);
        }
    }

    private bool WriteMap(WasmWriter to, IReadOnlyList<int> names)
    {
        int count = names.Count(symbol => symbol >= 0);
        to.Unsigned((ulong)count);
        for (int i = 0; i < names.Count; i++)
        {
            if (names[i] >= 0)
            {
                to.Unsigned((ulong)i);
                to.Vector(Encoding.UTF8.GetBytes(symbols[names[i]]));
            }
        }

        return count > 0;
    }

    private void Subsection(int id, WasmWriter contents)
    {
        _section.Byte(id);
        _section.Vector(contents.Written);
    }
}
