using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using SQLitePCL;
using Wisp.Platform.Linux;

namespace Wisp.Host.State;

/// <summary>SQLite's native library, which lies in this assembly: the published command is one file.</summary>
/// <remarks>The first use copies it into a file in memory without a name and loads it from there. Nothing is written to a disk, and a
/// command that needs no database does not pay for it. Where the kernel allows no such file to be run (<c>vm.memfd_noexec</c>) or
/// /proc is not mounted, it goes through a file that is deleted as soon as it is loaded.</remarks>
internal static class SqliteLibrary
{
    private const string Name = "e_sqlite3";
    private const string Resource = "libe_sqlite3.so";

    private static readonly Lazy<bool> Ready = new(Initialize);

    /// <summary>Makes connections possible. Thread safe; of no effect but the first time.</summary>
    public static void Load() => _ = Ready.Value;

    private static bool Initialize()
    {
        nint library = FromMemory();
        NativeLibrary.SetDllImportResolver(
            typeof(SQLite3Provider_e_sqlite3).Assembly, (name, _, _) => name == Name ? library : 0);
        raw.SetProvider(new SQLite3Provider_e_sqlite3());
        return true;
    }

    private static nint FromMemory()
    {
        using Stream source = Assembly.GetExecutingAssembly().GetManifestResourceStream(Resource)!;
        using SafeFileHandle file = Libc.CreateMemoryFile();
        if (!file.IsInvalid)
        {
            using (var target = new FileStream(new SafeFileHandle(file.DangerousGetHandle(), ownsHandle: false), FileAccess.Write, 0))
            {
                source.CopyTo(target);
            }

            // The loader maps the file, so it may be closed afterwards.
            string path = string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{file.DangerousGetHandle()}");
            if (NativeLibrary.TryLoad(path, out nint library))
            {
                return library;
            }
        }

        source.Position = 0;
        return FromFolder(source);
    }

    private static nint FromFolder(Stream source)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("wisp-");   // of mode 0700
        try
        {
            string path = Path.Combine(folder.FullName, Resource);
            using (FileStream target = File.Create(path))
            {
                source.CopyTo(target);
            }

            return NativeLibrary.Load(path);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
