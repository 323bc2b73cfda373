using Wisp.Abi.Images;
using Wisp.Wasm.Text;

namespace Wisp.Runtime.Tests.Images;

/// <summary>Modules whose code and tables stay in their image file.</summary>
public sealed class MappedImageTests : IDisposable
{
    private const string Text = """
        (module
          (memory (export "memory") 1)
          (data $d "from the file")
          (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
          (func (export "init") (memory.init $d (i32.const 8) (i32.const 0) (i32.const 13)))
          (func $divide (export "divide") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1))))
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("wisp-image-").FullName;
    private readonly Engine _engine = new();

    public void Dispose()
    {
        _engine.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void CodeIsMappedFromTheFileAndNothingIsWritable()
    {
        string path = WriteImage(_folder);
        using Module module = Module.FromImage(_engine, path);

        Assert.Equal(["r--p", "r-xp"], ProtectionsOf(path).Order(StringComparer.Ordinal));
        Assert.Equal(42, Add(module));
    }

    [Fact]
    public void CodeGoesWithTheLastUserAndTheBytesStayReadable()
    {
        string path = WriteImage(_folder);
        Module module = Module.FromImage(_engine, path);
        using (var store = new Store(_engine))
        {
            Instance instance = new Linker(_engine).Instantiate(store, module);
            module.Dispose();
            Assert.Equal(42, instance.GetFunction("add")!.Invoke(40, 2)[0].AsInt32());
        }

        Assert.DoesNotContain("r-xp", ProtectionsOf(path));
        Assert.Equal(File.ReadAllBytes(path), module.ToImage());
    }

    [Fact]
    public void DeletedFileStillRunsWithItsDataAndNames()
    {
        string path = WriteImage(_folder);
        byte[] bytes = File.ReadAllBytes(path);
        using Module module = Module.FromImage(_engine, path);
        File.Delete(path);
        GC.Collect();
        GC.WaitForPendingFinalizers();

        using var store = new Store(_engine);
        Instance instance = new Linker(_engine).Instantiate(store, module);
        instance.GetFunction("init")!.Invoke();
        TrapException trap = Assert.Throws<TrapException>(() => instance.GetFunction("divide")!.Invoke(1, 0));

        Assert.True(instance.GetMemory("memory")!.Span[8..].StartsWith("from the file"u8));
        Assert.Equal(TrapKind.IntegerDivideByZero, trap.Kind);
        Assert.Contains("divide", trap.Backtrace.ToString(), StringComparison.Ordinal);
        Assert.Equal(bytes, module.ToImage());
    }

    [Fact]
    public void ReplacedFileDoesNotChangeAModuleThatIsMapped()
    {
        string path = WriteImage(_folder);
        using Module module = Module.FromImage(_engine, path);
        string other = Path.Combine(_folder, "other");
        File.WriteAllText(other, "not an image");
        File.Move(other, path, overwrite: true);

        Assert.Equal(42, Add(module));
        Assert.Equal(ImageFault.NotAnImage, Assert.Throws<ImageException>(() => Module.FromImage(_engine, path)).Fault);
    }

    [Fact]
    public void TruncatedFileIsRefusedAndLeftUnmapped()
    {
        byte[] image = File.ReadAllBytes(WriteImage(_folder));
        string path = Path.Combine(_folder, "cut.wisp");
        for (int length = image.Length - 1; length >= 0; length -= 1 + (length / 7))
        {
            File.WriteAllBytes(path, image.AsSpan(0, length));
            ImageException refused = Assert.Throws<ImageException>(() => Module.FromImage(_engine, path));
            Assert.Equal(length == 0 ? ImageFault.NotAnImage : ImageFault.Truncated, refused.Fault);
        }

        Assert.Empty(ProtectionsOf(path));
    }

    [Fact]
    public void DamagedFileIsRefusedAndLeftUnmapped()
    {
        byte[] image = File.ReadAllBytes(WriteImage(_folder));
        string path = Path.Combine(_folder, "damaged.wisp");
        for (int at = ImageFormat.FingerprintAt; at < image.Length; at += 61)
        {
            byte[] damaged = [.. image];
            damaged[at] ^= 0x10;
            File.WriteAllBytes(path, damaged);
            Assert.Throws<ImageException>(() => Module.FromImage(_engine, path));
        }

        Assert.Empty(ProtectionsOf(path));
    }

    [Fact]
    public void FileThatMayNotBeExecutedIsCopied()
    {
        string? folder = FindNoExecFolder();
        if (folder is null)
        {
            Assert.Skip("no writable file system is mounted noexec");
        }

        string path = WriteImage(folder);
        try
        {
            using Module module = Module.FromImage(_engine, path);
            Assert.DoesNotContain("r-xp", ProtectionsOf(path));
            Assert.Equal(42, Add(module));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void MissingFileIsAnIoError() =>
        Assert.ThrowsAny<IOException>(() => Module.FromImage(_engine, Path.Combine(_folder, "none.wisp")));

    private string WriteImage(string folder)
    {
        string path = Path.Combine(folder, $"{Guid.NewGuid():n}.wisp");
        using Module compiled = Module.Compile(_engine, WatParser.ParseModule(Text, "mapped"));
        File.WriteAllBytes(path, compiled.ToImage());
        return path;
    }

    private int Add(Module module)
    {
        using var store = new Store(_engine);
        return new Linker(_engine).Instantiate(store, module).GetFunction("add")!.Invoke(40, 2)[0].AsInt32();
    }

    // "7f00-7f01 r-xp 00001000 00:2a 123    /tmp/x.wisp", https://man7.org/linux/man-pages/man5/proc_pid_maps.5.html
    private static string[] ProtectionsOf(string path) =>
        [.. File.ReadAllLines("/proc/self/maps").Where(line => line.Contains(path, StringComparison.Ordinal)).Select(line => line.Split(' ')[1])];

    private static string? FindNoExecFolder()
    {
        foreach (string[] mount in File.ReadAllLines("/proc/mounts").Select(line => line.Split(' ')))
        {
            string[] options = mount[3].Split(',');
            if (mount[2] is not ("proc" or "sysfs" or "cgroup" or "cgroup2" or "mqueue" or "devpts")
                && options.Contains("noexec") && options.Contains("rw") && CanWrite(mount[1]))
            {
                return mount[1];
            }
        }

        return null;
    }

    private static bool CanWrite(string folder)
    {
        try
        {
            string path = Path.Combine(folder, Guid.NewGuid().ToString("n"));
            File.WriteAllText(path, "x");
            File.Delete(path);
            return true;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
