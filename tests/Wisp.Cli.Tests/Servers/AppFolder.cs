namespace Wisp.Cli.Tests.Servers;

/// <summary>Folders of small apps.</summary>
internal static class AppFolder
{
    /// <summary>Writes an app whose one program answers with a text and writes a line to its log.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">The app's name.</param>
    /// <param name="answer">The text, up to 40 characters without quotes.</param>
    /// <param name="lines">More lines of the component's table.</param>
    public static void Write(ScratchFolder folder, string name, string answer, string lines = "")
    {
        folder.Write("wisp.toml", $"""
            [application]
            name = "{name}"
            [[trigger.http]]
            route = "/..."
            component = "c"
            [component.c]
            source = "c.wat"
            {lines}
            """);
        string head = $"Content-Type: text/plain\\n\\n{answer}\\n";
        int length = $"Content-Type: text/plain\n\n{answer}\n".Length;
        folder.Write("c.wat", $"""
            (module
              (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
              (memory (export "memory") 1)
              (data (i32.const 0) "\10\00\00\00\{length:x2}\00\00\00")
              (data (i32.const 8) "\c8\00\00\00\09\00\00\00")
              (data (i32.const 16) "{head}")
              (data (i32.const 200) "logged it")
              (func (export "_start")
                (drop (call $write (i32.const 2) (i32.const 8) (i32.const 1) (i32.const 300)))
                (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 300)))))
            """);
    }
}
