using Wisp.Wasi;
using Wisp.Wasm.Model;

namespace Wisp.Cli.Inspection;

/// <summary>
/// Reads from a module's imports which permissions it will ask for. An import is only a possibility: a program links what its
/// language's library needs, whether it uses it or not. <c>wisp run --learn</c> tells what a run needed in fact.
/// </summary>
internal static class PermissionForecast
{
    // Preview 1 imports by the grant that they are of use with. What is not here works without any grant.
    private static readonly (string Prefix, string Flag, string Meaning)[] Needs =
    [
        ("path_open", "--dir HOST::GUEST[:ro]", "opens files in directories that it is given"),
        ("fd_readdir", "--dir HOST::GUEST[:ro]", "lists directories"),
        ("path_filestat_get", "--dir HOST::GUEST[:ro]", "asks about files"),
        ("path_readlink", "--dir HOST::GUEST[:ro]", "reads symbolic links"),
        ("path_create_directory", "--dir HOST::GUEST", "makes directories"),
        ("path_remove_directory", "--dir HOST::GUEST", "removes directories"),
        ("path_unlink_file", "--dir HOST::GUEST", "removes files"),
        ("path_rename", "--dir HOST::GUEST", "renames files"),
        ("path_link", "--dir HOST::GUEST", "makes links"),
        ("path_symlink", "--dir HOST::GUEST", "makes symbolic links"),
        ("path_filestat_set_times", "--dir HOST::GUEST", "sets times of files"),
        ("environ_get", "--env NAME=VALUE", "reads environment variables"),
        ("sock_accept", "--net listen:HOST:PORT", "accepts connections"),
    ];

    /// <summary>The flags, each with what asks for it.</summary>
    public static IEnumerable<(string Flag, string Reason)> Of(WasmModule module)
    {
        HashSet<string> imports = [.. module.Imports
            .Where(import => import.Module is WasiPreview1.SnapshotModule or WasiPreview1.UnstableModule)
            .Select(import => import.Name)];
        return Needs.Where(need => imports.Contains(need.Prefix))
            .GroupBy(need => need.Flag, need => need.Meaning)
            .Select(group => (group.Key, string.Join(", ", group)));
    }

    /// <summary>Modules that it imports from and that Wisp does not provide.</summary>
    public static IEnumerable<string> UnknownModules(WasmModule module) => module.Imports
        .Select(import => import.Module)
        .Where(name => name is not (WasiPreview1.SnapshotModule or WasiPreview1.UnstableModule))
        .Distinct(StringComparer.Ordinal);
}
