using Wisp.Permissions;
using Wisp.Wasm.Text;

namespace Wisp.Wasi.Tests;

public sealed class DenialTests
{
    // Creates "f" beneath descriptor 3 and exits with the error.
    private const string Creator = """
        (module $app
          (import "wasi_snapshot_preview1" "path_open"
            (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
          (memory (export "memory") 1)
          (data (i32.const 0) "f")
          (func $save_user (result i32)
            (call $path_open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 1)
              (i64.const 0) (i64.const 0) (i32.const 0) (i32.const 8)))
          (func $main (result i32)
            (i32.add (call $save_user) (i32.const 0)))
          (func $_start (export "_start")
            (call $exit (call $main))))
        """;

    [Fact]
    public async Task DenialNamesTheFunctionsThatAsked()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("wisp-wasi-");
        string wasm = Path.Combine(folder.FullName, "app.wasm");
        await File.WriteAllBytesAsync(wasm, WatParser.ParseModule(Creator, "app"),
            TestContext.Current.CancellationToken);
        try
        {
            ProgramRun run = await ProgramRun.Start(
                wasm, [], grant => grant.AddDirectory(folder.FullName, "/", DirectoryAccess.ReadOnly));
            Assert.Equal(69, run.ExitCode);   // read-only file system
            Assert.Equal("app.wasm, path_open, called from save_user, main, _start",
                Assert.Single(run.Denials).AskedBy);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
