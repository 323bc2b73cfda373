using System.Globalization;
using Wisp.Cli.Output;
using Wisp.Permissions;
using Wisp.Wasm.Model;
using Wisp.Wasm.Text;

namespace Wisp.Cli.Inspection;

// module      app.wasm: 24.5 KiB, 31 functions, 12.0 KiB of data
// imports     wasi_snapshot_preview1.fd_write      func (i32, i32, i32, i32) -> i32
// exports     memory                               memory 2 pages
// memories    0   2 pages (128.0 KiB), may grow to 4 GiB
// permissions --env NAME=VALUE                     reads environment variables

/// <summary>Prints what a module is, needs and offers, as text that is easy to read and to cut apart.</summary>
internal sealed class ModuleSummary(WasmModule module, string name, TextWriter output)
{
    private const int LabelWidth = 12;
    private const int NameWidth = 40;
    private const long PageBytes = 65536;
    private const ulong Pages4GiB = 65536;

    private IEnumerable<(string Name, string Text)> Imports => module.Imports.Select(import =>
        ($"{GuestText.Escape(import.Module)}.{GuestText.Escape(import.Name)}", Describe(import.Kind, import.Index)));

    private IEnumerable<(string Name, string Text)> Exports =>
        module.Exports.Select(export => (GuestText.Escape(export.Name), Describe(export.Kind, export.Index)));

    private IEnumerable<(string Name, string Text)> Memories => module.Memories.Select((memory, index) => (Number(index), DescribeSize(memory)));

    private IEnumerable<(string Name, string Text)> Custom =>
        module.CustomSections.Select(section => (GuestText.Escape(section.Name), Bytes(section.Length)));

    private long DataBytes => module.Data.Sum(segment => (long)segment.BytesLength);

    /// <summary>The same for programs.</summary>
    public ModuleMessage ToMessage() =>
        new(name, module.Bytes.Length, module.Functions.Length - module.ImportedFunctionCount, DataBytes)
        {
            Imports = MessagesOf(Imports),
            Exports = MessagesOf(Exports),
            Memories = MessagesOf(Memories),
            Custom = MessagesOf(Custom),
            Permissions = MessagesOf(PermissionForecast.Of(module)),
            Unknown = [.. PermissionForecast.UnknownModules(module)],
        };

    public void Print()
    {
        PrintHead();
        PrintRows("imports", Imports);
        PrintRows("exports", Exports);
        PrintRows("memories", Memories);
        PrintRows("custom", Custom);
        PrintRows("permissions", PermissionForecast.Of(module));
        PrintRows("unknown", PermissionForecast.UnknownModules(module).Select(unknown =>
            (GuestText.Escape(unknown), "imported, and Wisp does not provide it")));
    }

    private void PrintHead()
    {
        output.WriteLine(
            $"{"module",-LabelWidth}{name}: {Bytes(module.Bytes.Length)}, "
            + $"{Count(module.Functions.Length - module.ImportedFunctionCount, "function")}, {Bytes(DataBytes)} of data");
        if (module.Start is FuncIndex start)
        {
            output.WriteLine($"{"start",-LabelWidth}function {start.Index}");
        }
    }

    private static NamedMessage[] MessagesOf(IEnumerable<(string Name, string Text)> rows) =>
        [.. rows.Select(row => new NamedMessage(row.Name, row.Text))];

    private void PrintRows(string label, IEnumerable<(string Name, string Text)> rows)
    {
        foreach ((string row, string text) in rows)
        {
            output.WriteLine($"{label,-LabelWidth}{row,-NameWidth} {text}".TrimEnd());
        }
    }

    private string Describe(ExternKind kind, int index) => kind switch
    {
        ExternKind.Function => $"func {Describe(module.TypeOf(new FuncIndex(index)))}",
        ExternKind.Table => $"table of {TypeNames.Of(module.Tables[index].Element)}, {Range(module.Tables[index].Limits)} elements",
        ExternKind.Memory => $"memory {index}, {DescribeSize(module.Memories[index])}",
        ExternKind.Global => $"global {(module.Globals[index].IsMutable ? "mut " : string.Empty)}{TypeNames.Of(module.Globals[index].Type)}",
        _ => $"tag {Describe(module.FunctionTypeAt(module.Tags[index].Type))}",
    };

    private static string Describe(FunctionType type)
    {
        string results = type.Results.Length switch
        {
            0 => "nothing",
            1 => TypeNames.Of(type.Results[0]),
            _ => $"({List(type.Results)})",
        };
        return $"({List(type.Parameters)}) -> {results}";
    }

    private static string List(ValType[] types) => string.Join(", ", types.Select(TypeNames.Of));

    private static string DescribeSize(MemoryType memory) =>
        $"{Range(memory.Limits)} pages, {Bytes((long)Math.Min(memory.Limits.Minimum, Pages4GiB) * PageBytes)} at the start"
        + (memory.Is64 ? ", 64-bit" : string.Empty) + (memory.IsShared ? ", shared" : string.Empty);

    private static string Range(Limits limits) => limits.Maximum is ulong maximum ? $"{limits.Minimum} to {maximum}" : $"{limits.Minimum} or more";

    private static string Count(int count, string what) => count == 1 ? $"1 {what}" : $"{Number(count)} {what}s";

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Bytes(long bytes) => bytes switch
    {
        < 1024 => $"{bytes} bytes",
        < 1024 * 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.0} KiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.0} MiB"),
    };
}
